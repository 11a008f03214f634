import { Command, Option } from 'commander';
import { isDifferent } from '../backtest/compare-stories.ts';
import { configuredNames } from '../config/names.ts';
import { TocsinError } from '../core/errors.ts';
import { DAY } from '../core/time.ts';
import { visible } from '../core/visible.ts';
import { play } from '../replay/play.ts';
import type { DryRunComparison } from '../reports/dry-run/comparison.ts';
import { comparisonHtml } from '../reports/dry-run/comparison-html.ts';
import { comparisonJson } from '../reports/dry-run/comparison-json.ts';
import { comparisonMarkdown } from '../reports/dry-run/comparison-markdown.ts';
import { comparisonText } from '../reports/dry-run/comparison-text.ts';
import { dryRunHtml } from '../reports/dry-run/dry-run-html.ts';
import { dryRunJson } from '../reports/dry-run/dry-run-json.ts';
import { dryRunMarkdown } from '../reports/dry-run/dry-run-markdown.ts';
import type { DryRunReport } from '../reports/dry-run/dry-run-report.ts';
import { dryRunText } from '../reports/dry-run/dry-run-text.ts';
import type { SweepReport } from '../reports/dry-run/sweep.ts';
import { sweepHtml } from '../reports/dry-run/sweep-html.ts';
import { sweepJson } from '../reports/dry-run/sweep-json.ts';
import { sweepMarkdown } from '../reports/dry-run/sweep-markdown.ts';
import { sweepText } from '../reports/dry-run/sweep-text.ts';
import { readRuleSource } from '../rules/rule-variants.ts';
import { fileFailures } from '../service/reload/reload.ts';
import { countOption, durationArgument, formatOption, timeLimitOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type ExitCode, type Printers, print, type Result } from './command-line.ts';
import { playAgainst, rulesAt } from './dry-run/against.ts';
import { sandboxBook } from './dry-run/sandboxes.ts';
import { namedOnly, openSubject, overHistory, type SubjectOptions, warnOf } from './dry-run/subject.ts';
import { playSweep, sweepOf, sweptRule } from './dry-run/sweep.ts';
import { measuredBy, valueBook } from './dry-run/value-book.ts';
import { MAX_DOCUMENTS } from './open-history.ts';
import { pageProgram } from './page-program.ts';

const FORMATS = ['text', 'json', 'markdown', 'html'] as const;
type Format = (typeof FORMATS)[number];

interface DryRunOptions extends SubjectOptions {
  readonly failOnChange?: true;
  readonly sweep?: readonly string[];
  readonly format: Format;
}

const PRINTERS: Printers<DryRunReport, Exclude<Format, 'html'>> = {
  text: dryRunText,
  json: dryRunJson,
  markdown: dryRunMarkdown,
};
const COMPARISONS: Printers<DryRunComparison, Format> = {
  text: comparisonText,
  json: comparisonJson,
  markdown: comparisonMarkdown,
  html: comparisonHtml,
};
const SWEEPS: Printers<SweepReport, Format> = { text: sweepText, json: sweepJson, markdown: sweepMarkdown, html: sweepHtml };

/** `tocsin dry-run`: what rules would have done, over the cluster or over documents from files. */
export const attachDryRun: Attach = (line, settle) => {
  const command = new Command('dry-run')
    .description(
      'Replay rules over past data: show what would have fired and who would have been notified. Writes and sends nothing.',
    )
    .argument('[paths...]', 'rule files and folders (default: the rules of tocsin.yaml, else rules/)')
    .requiredOption('--from <moment>', 'start: ISO 8601 (UTC unless a zone is given), or now-7d')
    .option('--to <moment>', 'end, in the same format', 'now')
    .option('--documents <files...>', 'read documents from files instead of the cluster: one JSON document per line')
    .option('--mapping <file>', 'with --documents: the mapping as JSON (default: derived from ECS and the values)')
    .addOption(warmUpOption())
    .option(
      '--arrival <field>',
      'field with the arrival time of documents, such as event.ingested: replay what `run` would have seen',
    )
    .addOption(budgetOption())
    // Months over a slow cluster may well take hours.
    .addOption(timeLimitOption(DAY))
    .addOption(countOption('--max-documents <count>', 'documents of --documents', MAX_DOCUMENTS))
    .option('--rule <names...>', 'only the rules with these names')
    .option(
      '--against <revision>',
      'compare with the rules of a git revision, such as origin/main: which episodes appear, vanish or change',
    )
    .option('--fail-on-change', 'with --against: exit code 1 if a rule would behave differently')
    .addOption(sweepOption())
    .addOption(formatOption(FORMATS))
    .action(async (paths: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<DryRunOptions>();
      settle(await runAndPrint(paths, line, options));
    });
  return withExamples(command, [
    ['Replay last week', 'tocsin dry-run --from now-7d'],
    [
      'Replay one rule over one day, warmed up by the day before',
      'tocsin dry-run rules/stub-5xx.yaml --from 2026-01-31 --to 2026-02-01 --warm-up 1d',
    ],
    ['Replay documents with their actual arrival times', 'tocsin dry-run --from now-1d --arrival event.ingested'],
    [
      'Replay documents from a file',
      'tocsin dry-run rules/ --from 2026-01-31T10:00Z --to 2026-01-31T11:00Z --documents logs.ndjson',
    ],
    [
      'Use it in a script',
      'tocsin dry-run --from now-1d --format json | jq \'.rules[] | {name, episodes: [.transitions[] | select(.to == "firing")] | length}\'',
    ],
    ['Replay as much of the last month as possible in a minute', 'tocsin dry-run --from now-30d --budget 60s'],
    ['Compare changed rules with those of a branch', 'tocsin dry-run --from now-7d --against origin/main'],
    ['Try other thresholds', "tocsin dry-run rules/stub-5xx.yaml --from now-7d --sweep 'count >= N' N=1..50"],
    [
      'Compare, and open the report in a browser',
      'tocsin dry-run --from now-7d --against origin/main --format html > against.html',
    ],
    ['Try other durations', 'tocsin dry-run rules/stub-5xx.yaml --from now-7d --sweep for=0s..30m'],
    ['Write a comment for a pull request', 'tocsin dry-run rules/new.yaml --from now-7d --format markdown'],
  ]);
};

function warmUpOption(): Option {
  const option = new Option('--warm-up <duration>', 'also evaluate this long before --from, without reporting it');
  return option.argParser(durationArgument).default(0, '0s');
}

function budgetOption(): Option {
  const option = new Option(
    '--budget <duration>',
    'stop after this time, such as 60s, and report the range covered so far; exit code 1',
  );
  return option.argParser(durationArgument);
}

function sweepOption(): Option {
  return new Option(
    '--sweep <words...>',
    `replay one rule with each of several values: a condition with a number, such as 'count >= N' N=1..50, N=0.5..0.99/0.01 or N=5,10,20; or a duration, such as for=0s..30m`,
  ).conflicts(['against', 'failOnChange']);
}

/** Does what the options ask for, prints it, and gives the exit code. */
async function runAndPrint(paths: readonly string[], line: CommandLine, options: DryRunOptions): Promise<ExitCode> {
  if (options.failOnChange === true && options.against === undefined)
    throw new TocsinError('cli/against', '--fail-on-change has no effect without a comparison', {
      hint: 'add --against REVISION',
    });
  if (options.sweep !== undefined) {
    const { data, exitCode } = await sweep(paths, line, { ...options, sweep: options.sweep });
    print(data, options.format, SWEEPS, line, options);
    return exitCode;
  }
  if (options.against !== undefined) {
    const { data, exitCode } = await dryRunAgainst(paths, line, { ...options, against: options.against });
    print(data, options.format, COMPARISONS, line, options);
    return exitCode;
  }
  const { data, exitCode } = await dryRun(paths, line, options);
  const program = options.format === 'html' ? await pageProgram() : undefined;
  print(data, options.format, { ...PRINTERS, html: (report) => dryRunHtml(report, program) }, line, options);
  return exitCode;
}

/** Plays rules over a range of time. Exit code 1: a window could not be evaluated, the budget ended first, or a rule file has an error. */
async function dryRun(paths: readonly string[], line: CommandLine, options: DryRunOptions): Promise<Result<DryRunReport>> {
  const opened = await openSubject(paths, line, options);
  return overHistory(opened, line, options, async (common) => {
    const { set, errors } = opened;
    const values = valueBook(set.rules, common.range);
    const book = options.format === 'html' ? sandboxBook(set.rules) : undefined;
    const around = book === undefined ? {} : { around: book.around };
    const played = await play({ ...common, ...around, rules: set.rules, failures: fileFailures(set), observe: values.take });
    const measured = measuredBy(played.rules, values);
    const data = { ...played, measured, ...(book !== undefined && { sandboxes: book.materials(played, common) }) };
    const failed = errors > 0 || data.stopped !== undefined || data.rules.some((rule) => rule.failed > 0);
    return { data, exitCode: failed ? 1 : 0 };
  });
}

/** Plays the rules of a revision too, and compares. Exit code 1: as of a dry run, and of a difference with `--fail-on-change`. */
async function dryRunAgainst(
  paths: readonly string[],
  line: CommandLine,
  options: DryRunOptions & { readonly against: string },
): Promise<Result<DryRunComparison>> {
  const opened = await openSubject(paths, line, options);
  const at = await rulesAt(options.against, paths, opened.config, line);
  const before = { ...at, set: namedOnly(at.set, options.rule) };
  warnOf(before.set.problems, line, options);
  return overHistory({ ...opened, others: before.set.rules }, line, options, async (common) => {
    const data = await playAgainst(options.against, before, opened.set, common);
    const failed = opened.errors > 0 || data.stopped !== undefined || data.rules.some(({ after }) => (after?.failed ?? 0) > 0);
    const changed = options.failOnChange === true && data.rules.some(isDifferent);
    return { data, exitCode: failed || changed ? 1 : 0 };
  });
}

/** Plays one rule with each value of a sweep. Exit code 1: as of a dry run. */
async function sweep(
  paths: readonly string[],
  line: CommandLine,
  options: DryRunOptions & { readonly sweep: readonly string[] },
): Promise<Result<SweepReport>> {
  const spec = sweepOf(options.sweep);
  const opened = await openSubject(paths, line, options);
  const [rule, ...more] = opened.set.rules;
  if (rule === undefined || more.length > 0)
    throw new TocsinError('cli/sweep', `a sweep needs exactly one rule, found ${opened.set.rules.length}`, {
      hint: `--rule NAME chooses one${rule === undefined ? '' : `, such as ${visible(rule.name)}`}`,
    });
  const context = configuredNames(opened.config);
  const source = await readRuleSource(paths.length > 0 ? paths : opened.config.rules, rule.name, context);
  if (source === undefined) throw new TocsinError('cli/sweep', `the file of the rule ${rule.name} changed while it was read`);
  const swept = sweptRule(spec, rule, source);
  return overHistory(opened, line, options, async (common) => {
    const data = await playSweep(swept, common);
    const failed =
      opened.errors > 0 || data.stopped !== undefined || [data.current, ...data.points].some((point) => point.failed > 0);
    return { data, exitCode: failed ? 1 : 0 };
  });
}
