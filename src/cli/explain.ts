import { Command } from 'commander';
import { type ConfiguredBackend, createBackend } from '../backends/create-backend.ts';
import type { Config } from '../config/config.ts';
import { CONFIG_DEFAULTS } from '../config/defaults.ts';
import { TocsinError } from '../core/errors.ts';
import { deadline, iso } from '../core/time.ts';
import { type ExplainPorts, explain } from '../explain/explain.ts';
import { type SuppressionStores, suppressionTexts } from '../explain/suppression-texts.ts';
import { withoutRouting } from '../explain/without-routing.ts';
import type { ReceivedAlerts } from '../received/received-alerts.ts';
import { RECEIVED_RULE } from '../received/received-rule.ts';
import { searchReceived } from '../received/search-received.ts';
import { typeOfAnyRule } from '../received/type-named.ts';
import type { CurlPlace } from '../reports/explain/curl.ts';
import { explainJson } from '../reports/explain/explain-json.ts';
import type { ExplainReport } from '../reports/explain/explain-report.ts';
import { explainText } from '../reports/explain/explain-text.ts';
import type { RecordsReport } from '../reports/explain/records-report.ts';
import { recordsJson, recordsText } from '../reports/explain/records-text.ts';
import type { Rule } from '../rules/rule.ts';
import { formatOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, type Printers, print, type Result } from './command-line.ts';
import { groupOf, NO_GROUP, notLoadedOf, receivedNamed, ruleNamed } from './explain/named-rule.ts';
import { explainNotLoaded, explainReceiver } from './explain/records.ts';
import { parseMoment } from './moment.ts';
import { type ConfigForReading, openConfigForReading } from './open-config.ts';
import { openRules } from './open-rules.ts';
import { openSilences, withSilencesOf } from './open-silences.ts';
import { showErrors } from './show-errors.ts';

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
  const notLoaded = await notLoadedOf(name, set, backend.ruleStates);
  if (notLoaded === undefined) return explainRule(name, backend, { config, whole }, line, options);
  showErrors(set.problems, line, options);
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
  showErrors(set.problems, line, options);
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

function placeOf({ elasticsearch }: Pick<Config, 'elasticsearch'>, rule: Rule): CurlPlace {
  return {
    url: elasticsearch.urls[0] ?? CONFIG_DEFAULTS.url,
    auth: elasticsearch.auth.kind,
    ignoreMissingIndex: rule.source.ignoreMissingIndex,
  };
}
