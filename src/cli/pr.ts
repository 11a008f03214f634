import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Command, Option } from 'commander';
import { asError, TocsinError } from '../core/errors.ts';
import { canonicalJson } from '../core/json.ts';
import { type Duration, HOUR, MINUTE } from '../core/time.ts';
import { checkGithub } from '../reports/check-github.ts';
import { checkGitlab } from '../reports/check-gitlab.ts';
import { hasFailed } from '../reports/check-report.ts';
import { checkSarif } from '../reports/check-sarif.ts';
import { prHtml } from '../reports/pr/pr-html.ts';
import { prJson } from '../reports/pr/pr-json.ts';
import { prMarkdown } from '../reports/pr/pr-markdown.ts';
import { type PrReport, prCheckReport, prTestReport, type ReportedRule } from '../reports/pr/pr-report.ts';
import { prText } from '../reports/pr/pr-text.ts';
import { ruleTestsJunit } from '../reports/rule-tests-junit.ts';
import { commitOf, mergeBase, openRepository, type Repository } from '../revisions/git.ts';
import { type RuleChange, type RuleVersion, ruleChanges } from '../revisions/rule-changes.ts';
import { yamlLines } from '../revisions/yaml-lines.ts';
import { endedEarly, isGood } from '../rule-tests/report.ts';
import { countOption, durationArgument, timeLimitOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type Printers, print, type Result } from './command-line.ts';
import { MAX_DOCUMENTS, namedRange } from './open-history.ts';
import { type OpenedRevision, openRevision, openWorkingTree } from './open-revision.ts';
import { pageProgram } from './page-program.ts';
import { newProblems } from './pr/new-problems.ts';
import type { PlayedChange } from './pr/play-changes.ts';
import { nameOfConfig, type PlayedHistory, type PrHistoryOptions, playHistory, type Sides } from './pr/play-history.ts';
import { testChanged } from './pr/test-changed.ts';
import { version } from './version.ts';

type Format = 'text' | 'markdown' | 'json' | 'junit' | 'sarif' | 'github' | 'gitlab';

interface PrOptions extends PrHistoryOptions {
  readonly against: string;
  readonly strict: boolean;
  readonly timeLimit: Duration;
  readonly format?: Format;
}

const PRINTERS: Printers<PrReport, Format> = {
  text: prText,
  markdown: prMarkdown,
  json: prJson,
  junit: (report) => ruleTestsJunit(prTestReport(report)),
  sarif: (report) => checkSarif(prCheckReport(report), version()),
  github: (report) => checkGithub(prCheckReport(report)),
  gitlab: (report) => checkGitlab(prCheckReport(report)),
};

/** `tocsin pr`: what a change of rules means, for its reviewers. */
export const attachPr: Attach = (line, settle) => {
  const command = new Command('pr')
    .description(
      'Report the effect of rule changes: what changed, whether the rules are valid and tested, and what they would have done before and after. Writes and sends nothing.',
    )
    .argument('[paths...]', 'rule files and folders (default: the rules of tocsin.yaml, else rules/)')
    .requiredOption('--against <ref>', 'the target branch; as on GitHub, the comparison starts at its merge base with HEAD')
    .option('--from <moment>', 'start of the replay of both versions: ISO 8601, or now-7d', 'now-7d')
    .option('--to <moment>', 'end of the replay, in the same format', 'now')
    .option('--documents <files...>', 'replay documents from files instead of the cluster: one JSON document per line')
    .option('--mapping <file>', 'with --documents: the mapping as JSON')
    .option('--no-history', 'skip the replay: only check and test')
    .addOption(durationOption('--warm-up <duration>', 'also evaluate this long before --from, without reporting it', 0, '0s'))
    .addOption(
      durationOption(
        '--budget <duration>',
        'stop replaying after this time, and leave out the remaining rules; exit code 1',
        5 * MINUTE,
        '5m',
      ),
    )
    .addOption(countOption('--max-documents <count>', 'documents of --documents', MAX_DOCUMENTS))
    .option('--html <file>', 'also write the full report as one HTML file')
    .option('--strict', 'treat new warnings as errors', false)
    .addOption(timeLimitOption(HOUR))
    .addOption(prFormatOption())
    .action(async (paths: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<PrOptions>();
      const result = await pr(paths, line, options);
      if (options.html !== undefined) await writeHtml(options.html, prHtml(result.data, await pageProgram()), line.folder);
      // A comment is made of signs that a terminal shows as they are.
      const format = options.format ?? (line.stdout.isTerminal ? 'text' : 'markdown');
      print(result.data, format, PRINTERS, line, options);
      settle(result.exitCode);
    });
  return withExamples(command, [
    ['Report what your branch changes', 'tocsin pr --against origin/main'],
    ['Write a comment, and the full report as a page', 'tocsin pr --against origin/main --html report.html > comment.md'],
    [
      'Replay recorded documents, without a cluster',
      'tocsin pr --against origin/main --documents week.ndjson --from 2026-01-24 --to 2026-01-31',
    ],
    ['Without any history', 'tocsin pr --against origin/main --no-history'],
    ['Annotate the changed lines', 'tocsin pr --against origin/main --no-history --format github'],
  ]);
};

function prFormatOption(): Option {
  const option = new Option('--format <format>', 'output format (default: text on a terminal, else markdown, for a comment)');
  return option.choices(Object.keys(PRINTERS));
}

function durationOption(flags: string, what: string, otherwise: Duration, shown: string): Option {
  return new Option(flags, what).argParser(durationArgument).default(otherwise, shown);
}

async function writeHtml(file: string, text: string, folder: string): Promise<void> {
  try {
    await writeFile(isAbsolute(file) ? file : join(folder, file), text);
  } catch (thrown) {
    throw new TocsinError('cli/output', `${file} cannot be written: ${asError(thrown).message}`, {
      hint: 'choose a file in an existing, writable folder',
      cause: thrown,
    });
  }
}

/**
 * Compares the rules of the working tree with those of the commit that HEAD shares with a branch. Exit code 1: new errors, failed tests, or
 * windows that could not be evaluated; 2: it could not be done, or the cluster could not be asked.
 */
export async function pr(
  paths: readonly string[],
  line: CommandLine,
  options: Omit<PrOptions, 'format'>,
): Promise<Result<PrReport>> {
  line.limitTime?.(options.timeLimit);
  const range = namedRange(options, line);
  const repository = await openRepository(line.folder, line.env, line.signal);
  const commit = await mergeBase(repository, options.against);
  const before = await openRevision(repository, commit, paths, line, options);
  const after = await openWorkingTree(paths, line, options);
  const changes = ruleChanges(before.rules, after.rules);
  const tests = await testChanged(changes, after, line);
  const history = await playHistory(changes, { before, after }, { range, line, options });
  const fresh = newProblems(before, after);
  const rules = changes.map((change) => reportedRule(change, tests.byRule.get(change.id), history));
  const data: PrReport = {
    against: { ref: options.against, commit },
    range: history.ok && history.played.size > 0 ? range : undefined,
    rules,
    problems: fresh.problems,
    knownProblems: fresh.known,
    tests: tests.report,
    notes: [...(await notesOf(repository, options.against, commit, { before, after }, nameOfConfig(options))), ...history.notes],
    strict: options.strict,
  };
  return { data, exitCode: history.failed || endedEarly(tests.report) ? 2 : isFine(data) ? 0 : 1 };
}

function isFine(report: PrReport): boolean {
  const stories = report.rules.flatMap(({ after }) => after?.played?.story ?? []);
  const isWhole = stories.every(({ failed }) => failed === 0) && !report.rules.some(({ notPlayed }) => notPlayed);
  const broken = report.rules.some(({ kind }) => kind === 'broken');
  return isWhole && !broken && !hasFailed(prCheckReport(report)) && (report.tests.files.length === 0 || isGood(report.tests));
}

function reportedRule(change: RuleChange, tests: ReportedRule['tests'], { played: all, left }: PlayedHistory): ReportedRule {
  const played = all.get(change);
  const side = (given: RuleVersion | undefined, own: PlayedChange['before']) =>
    given === undefined ? undefined : { lines: yamlLines(given.keys), ...(own !== undefined && { played: own }) };
  const before = side(change.before, played?.before);
  const after = side(change.after, played?.after);
  const file = change.after?.file ?? change.before?.file;
  return {
    name: change.name,
    kind: change.kind,
    ...(change.renamedFrom !== undefined && { renamedFrom: change.renamedFrom }),
    ...(file !== undefined && { file }),
    keys: change.keys,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(tests !== undefined && { tests }),
    ...(left.has(change) && { notPlayed: true as const }),
  };
}

async function notesOf(
  repository: Repository,
  ref: string,
  commit: string,
  { before, after }: Sides,
  configName: string,
): Promise<readonly string[]> {
  const tip = await commitOf(repository, ref);
  return [
    ...(tip === commit ? [] : [`Compared with the merge base of HEAD and ${ref}; ${ref} has newer commits.`]),
    ...(settingsOf(before.config) === settingsOf(after.config)
      ? []
      : [`${configName} changes too: routes, receivers or other settings may affect rules that are not listed here.`]),
    ...before.leftOut.map(({ path, why }) => `${path} of the older revision could not be read: ${why}.`),
  ];
}

/** What a configuration says beside where it is: a revision is read in a folder of its own, so that paths and places in it always differ. */
function settingsOf(config: OpenedRevision['config']): string | undefined {
  if (!config.ok) return undefined;
  const { secrets: _secrets, elasticsearch: _elasticsearch, rules: _rules, silences: _silences, ...settings } = config.value;
  const {
    routePlaces: _routes,
    receiverPlaces: _receivers,
    intervalPlaces: _intervals,
    inhibitPlaces: _inhibit,
    ...others
  } = settings;
  return canonicalJson(others);
}
