import { Command } from 'commander';
import { type ConfiguredBackend, createBackend } from '../backends/create-backend.ts';
import type { Config } from '../config/config.ts';
import { TocsinError } from '../core/errors.ts';
import { namesInstead } from '../core/nearest.ts';
import { groupValue } from '../core/printed.ts';
import { put } from '../core/record.ts';
import { deadline, iso } from '../core/time.ts';
import { HEALTH_RULE, HEALTH_RULE_ID } from '../engine/self-monitoring/health-rule.ts';
import { type ExplainPorts, explain } from '../explain/explain.ts';
import { type SuppressionStores, suppressionTexts } from '../explain/suppression-texts.ts';
import { withoutRouting } from '../explain/without-routing.ts';
import type { ReceivedAlerts } from '../received/received-alerts.ts';
import { RECEIVED_RULE, RECEIVED_RULE_ID } from '../received/received-rule.ts';
import { searchReceived } from '../received/search-received.ts';
import { typeOfAnyRule } from '../received/type-named.ts';
import { problemsText } from '../reports/check-text.ts';
import type { CurlPlace } from '../reports/explain/curl.ts';
import { explainJson } from '../reports/explain/explain-json.ts';
import type { ExplainReport } from '../reports/explain/explain-report.ts';
import { explainText } from '../reports/explain/explain-text.ts';
import type { RecordsReport } from '../reports/explain/records-report.ts';
import { recordsJson, recordsText } from '../reports/explain/records-text.ts';
import type { RuleSet } from '../rules/load-rules.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import { formatOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, lookOf, type Printers, print, type Result } from './command-line.ts';
import { explainNotLoaded, explainReceiver, type NotLoaded } from './explain/records.ts';
import { parseMoment } from './moment.ts';
import { type ConfigForReading, openConfigForReading } from './open-config.ts';
import { openRules } from './open-rules.ts';
import { openSilences, withSilencesOf } from './open-silences.ts';

type Format = 'text' | 'json';

/** Options of `tocsin explain`. */
export interface ExplainOptions extends GlobalOptions {
  readonly group?: readonly string[];
  readonly at: string;
  readonly receiver?: string;
  readonly from: string;
  readonly to: string;
  readonly format: Format;
  readonly curl?: boolean;
}

/** What an explanation reads of a backend. */
export type ExplainBackend = Pick<ExplainPorts, 'search' | 'alertGroups' | 'acknowledgements'> & {
  readonly received?: ReceivedAlerts;
  readonly ruleStates: ExplainPorts['states'];
  readonly runHistory: ExplainPorts['history'];
  /** With them, and all of the rules' states, an alert that was notified before it was suppressed says by what. */
  readonly suppression?: SuppressionStores;
};

/** The story of a rule, or what was recorded where there is nothing to ask. */
export type ExplainResult = ExplainReport | RecordsReport;

const PRINTERS: Printers<ExplainResult, Format> = {
  text: (report, look) => ('about' in report ? recordsText(report, look) : explainText(report, look)),
  json: (report) => ('about' in report ? recordsJson(report) : explainJson(report)),
};
/** Besides the searches: three rounds of questions, and what the store is asked. */
const ALLOWANCE = 30_000;
const NO_GROUP = groupValue(null);

/** `tocsin explain`: the story of a rule's alerts. */
export const attachExplain: Attach = (line, settle) => {
  const command = new Command('explain')
    .description(
      'Explain an alert: the query and its result, the deciding condition, and who was notified and why. Or show what a receiver was sent, what it was not sent, and why.',
    )
    .argument('[rule]', 'name or ID of a rule; may be a deleted rule')
    .option('--group <field=value...>', `only groups with these values; ${NO_GROUP} means no value`)
    .option(
      '--at <moment>',
      'explain the evaluation at or before this time: ISO 8601 (UTC unless a zone is given), now or now-2h',
      'now',
    )
    .option('--receiver <name>', 'instead of a rule: show what this receiver was sent, what it was not sent, and why')
    .option('--from <moment>', 'with --receiver: start', 'now-1d')
    .option('--to <moment>', 'with --receiver: end', 'now')
    .option('--curl', 'show the queries as curl commands as well')
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (name: string | undefined, _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<ExplainOptions>();
      if ((name === undefined) === (options.receiver === undefined)) {
        throw new TocsinError('cli/usage', 'expected the name of a rule, or --receiver NAME', { hint: 'tocsin explain --help' });
      }
      refuseStrays(self, options.receiver === undefined ? ['from', 'to'] : ['group', 'at']);
      const read = await openConfigForReading(line, options);
      const { config } = read;
      const backend = await createBackend(config);
      try {
        const result =
          name !== undefined
            ? await explainNamed(name, await withSuppressionOf(backend, read, line), read, line, options)
            : await explainWithoutRule(options.receiver ?? '', backend, config, line, options);
        const { data } = result;
        const shown = 'about' in data ? data : { ...data, showsQueries: options.curl === true };
        print(shown, options.format, PRINTERS, line, options);
        settle(result.exitCode);
      } finally {
        await backend.close();
      }
    });
  return withExamples(command, [
    ['Explain why a rule fires or does not fire', 'tocsin explain stub-5xx'],
    [
      'Explain one alert at the time of a message',
      'tocsin explain stub-5xx --group service.name=stub url.path=/todos/ --at 2026-01-31T10:05Z',
    ],
    ['Show what a receiver was sent in the last 12 hours', 'tocsin explain --receiver shop --from now-12h'],
    ['Repeat the query in a shell', 'tocsin explain stub-5xx --curl'],
    ['Use it in a script', "tocsin explain stub-5xx --format json | jq '.groups[] | {group, because}'"],
  ]);
};

async function withSuppressionOf(
  backend: ConfiguredBackend,
  { config, whole }: ConfigForReading,
  line: CommandLine,
): Promise<ExplainBackend> {
  const files = await openSilences(config, line.folder, whole);
  const { silences } = withSilencesOf(backend, files, line.clock);
  return { ...backend, suppression: { silences, states: backend.ruleStates } };
}

/** Options that would have no effect are a misunderstanding, which a wrong answer must not hide. */
function refuseStrays(command: Command, names: readonly string[]): void {
  const given = names.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  throw new TocsinError('cli/usage', `--${given} has no effect here`, {
    hint: '--group and --at are for a rule, --from and --to for --receiver',
  });
}

/** Explains a rule of the configuration, or what is known of one that no loaded file has. */
export async function explainNamed(
  name: string,
  backend: ExplainBackend,
  { config, whole }: ConfigForReading,
  line: CommandLine,
  options: Pick<ExplainOptions, 'group' | 'at' | 'color'>,
): Promise<Result<ExplainResult>> {
  const set = await openRules([], config, line.folder, whole);
  const notLoaded = await notLoadedOf(name, set, backend);
  if (notLoaded === undefined) return explainRule(name, backend, { config, whole }, line, options);
  showErrors(set, line, options);
  const { removedAfter } = config;
  return { data: await explainNotLoaded(notLoaded, { now: line.clock.now(), removedAfter }, backend.runHistory), exitCode: 0 };
}

/** Explains one rule of the configuration. Exit code 1: the window could not be evaluated, or the group is not known. */
export async function explainRule(
  name: string,
  backend: ExplainBackend,
  { config, whole }: ConfigForReading,
  line: CommandLine,
  options: Pick<ExplainOptions, 'group' | 'at' | 'color'>,
): Promise<Result<ExplainReport>> {
  const now = line.clock.now();
  const moment = parseMoment('--at', options.at, now);
  if (moment > now) {
    throw new TocsinError('cli/range', `--at ${iso(moment)} is in the future`, { hint: 'use a time in the past' });
  }
  const set = await openRules([], config, line.folder, whole);
  showErrors(set, line, options);
  const found = receivedNamed(name, set, config);
  const rule = found === undefined ? ruleNamed(name, set) : RECEIVED_RULE;
  const given = options.group === undefined ? undefined : groupOf(options.group, rule);
  const group = found === undefined ? given : { ...found, ...given };
  const { namespace, routing, kibana, traceLogs } = config;
  const explained = await explain(
    { rule, group, moment, now },
    {
      namespace,
      routing,
      kibana,
      traceLogs,
      search: backend.received === undefined ? backend.search : searchReceived(backend.search, backend.received),
      received: backend.received,
      states: backend.ruleStates,
      alertGroups: backend.alertGroups,
      ...(backend.acknowledgements !== undefined && { acknowledgements: backend.acknowledgements }),
      history: backend.runHistory,
      ...(backend.suppression !== undefined && {
        suppressedBy: await suppressionTexts(backend.suppression, { now, rules: set.rules, routing }),
      }),
      typeNamed: typeOfAnyRule,
    },
    deadline(rule.source.timeout + ALLOWANCE, line.signal),
  );
  if (!explained.ok) {
    throw new TocsinError('explain/unanswered', `the state cannot be read: ${explained.message}`, {
      hint: 'check `elasticsearch` in tocsin.yaml and that the cluster is up',
    });
  }
  const explanation = whole ? explained.value : withoutRouting(explained.value);
  const failed = (explanation.recorded?.outcome ?? explanation.asked.kind) === 'failed';
  const place = placeOf(config, rule);
  return { data: { explanation, place }, exitCode: failed || explanation.missing !== undefined ? 1 : 0 };
}

async function explainWithoutRule(
  receiver: string,
  backend: ConfiguredBackend,
  config: Config,
  line: CommandLine,
  options: ExplainOptions,
): Promise<Result<ExplainResult>> {
  const now = line.clock.now();
  const range = { from: parseMoment('--from', options.from, now), to: parseMoment('--to', options.to, now) + 1 };
  if (range.from >= range.to) {
    throw new TocsinError('cli/range', `--from ${iso(range.from)} is not before --to ${iso(range.to)}`, {
      hint: 'name an earlier --from or a later --to',
    });
  }
  const { alertGroups, inspection, runHistory } = backend;
  return {
    data: await explainReceiver(receiver, range, config, { alertGroups, inspection, history: runHistory }),
    exitCode: 0,
  };
}

function showErrors({ problems }: RuleSet, line: CommandLine, { color }: Pick<ExplainOptions, 'color'>): void {
  const errors = problems.filter((problem) => problem.severity === 'error');
  line.stderr.write(problemsText(errors, lookOf(line.stderr, line.env, color)));
}

/** The document that a namespace still has of a rule that no loaded file has; undefined for every other name. */
async function notLoadedOf(
  name: string,
  set: RuleSet,
  { ruleStates }: Pick<ExplainBackend, 'ruleStates'>,
): Promise<NotLoaded | undefined> {
  if (name === HEALTH_RULE_ID || name === RECEIVED_RULE_ID || set.rules.some((rule) => rule.name === name || rule.id === name))
    return undefined;
  const place = brokenPlaceOf(name, set);
  const id = place?.id ?? name;
  const loaded = await ruleStates.load([id], new Map());
  const document = loaded.ok ? loaded.value.get(id)?.document : undefined;
  if (document === undefined) return undefined;
  const all = set.files.filter(({ ok }) => !ok).map(({ file }) => file);
  return { document, broken: { ...(place !== undefined && { holding: place.file }), all } };
}

/** The file that does not load and declares a rule of this name or id, and the id of that rule. */
function brokenPlaceOf(name: string, { files, compiled }: RuleSet): { readonly file: string; readonly id: string } | undefined {
  for (const { file, ok } of files) {
    const declared = ok ? [] : (compiled.get(file)?.declared ?? []);
    const index = declared.findIndex(({ value }) => value === name);
    const found = declared[index];
    // A rule that declares an id declares it right after its name.
    if (found !== undefined) return { file, id: found.identity ? found.value : (declared[index + 1]?.value ?? name) };
  }
  return undefined;
}

/** Which alerts of other systems are meant: all of them by the built-in rule, or those that have the name; undefined: the name is a rule's. */
function receivedNamed(name: string, { rules }: RuleSet, { receivedAlerts }: Config): Group | undefined {
  if (name === RECEIVED_RULE.name || name === RECEIVED_RULE_ID) return {};
  const isOfRule = rules.some((rule) => rule.name === name || rule.id === name);
  return receivedAlerts === undefined || isOfRule || name === HEALTH_RULE.name ? undefined : { alertname: name };
}

function ruleNamed(name: string, set: RuleSet): Rule {
  const { rules } = set;
  const found = rules.find((rule) => rule.name === name) ?? rules.find((rule) => rule.id === name);
  if (found !== undefined) return found;
  if (name === HEALTH_RULE.name || name === HEALTH_RULE_ID) {
    throw new TocsinError('explain/rule', `${name} is built in and sends no query`, {
      hint: '`tocsin alerts` shows its alerts',
    });
  }
  const place = brokenPlaceOf(name, set);
  if (place !== undefined) {
    throw new TocsinError('explain/rule', `the rule ${JSON.stringify(name)} is in ${place.file}, which does not load`, {
      hint: 'run `tocsin check` to see the problems; the rule was never evaluated, so there are no records',
    });
  }
  const names = new Set(rules.flatMap((rule) => [rule.name, rule.id]));
  throw new TocsinError('explain/rule', `there is no rule ${JSON.stringify(name)}`, {
    hint: names.size === 0 ? 'there are no rules' : namesInstead(name, names),
  });
}

/** Reads `field=value` words. Throws TocsinError for what is not one, or names a field that the rule does not group by. */
function groupOf(words: readonly string[], rule: Pick<Rule, 'name' | 'groupBy'>): Group {
  const group: Record<string, string | null> = {};
  for (const word of words) {
    const [, field, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (field === undefined || value === undefined) {
      throw new TocsinError('explain/group', `${JSON.stringify(word)} is not field=value`, {
        hint: 'such as --group service.name=stub',
      });
    }
    if (rule !== RECEIVED_RULE && !rule.groupBy.includes(field)) {
      throw new TocsinError('explain/group', `${rule.name} does not group by ${field}`, {
        hint: rule.groupBy.length === 0 ? 'it has no group_by' : namesInstead(field, rule.groupBy),
      });
    }
    put(group, field, value === NO_GROUP ? null : value === groupValue('') ? '' : value);
  }
  return group;
}

function placeOf({ elasticsearch }: Pick<Config, 'elasticsearch'>, rule: Rule): CurlPlace {
  return {
    url: elasticsearch.urls[0] ?? 'http://localhost:9200',
    auth: elasticsearch.auth.kind,
    ignoreMissingIndex: rule.source.ignoreMissingIndex,
  };
}
