import { Command, Option } from 'commander';
import { createBackend } from '../backends/create-backend.ts';
import type { Config } from '../config/config.ts';
import { TocsinError } from '../core/errors.ts';
import { DAY, type Duration, iso, type TimeRange } from '../core/time.ts';
import { problemsText } from '../reports/check-text.ts';
import { dryRunJson } from '../reports/dry-run/dry-run-json.ts';
import { dryRunMarkdown } from '../reports/dry-run/dry-run-markdown.ts';
import type { DryRunReport } from '../reports/dry-run/dry-run-report.ts';
import { dryRunText } from '../reports/dry-run/dry-run-text.ts';
import type { Rule } from '../rules/rule.ts';
import { type Metered, metered } from '../search/range/meter.ts';
import type { RangeSearch } from '../search/range/range-query.ts';
import type { Search } from '../search/search.ts';
import { fileFailures } from '../service/reload/reload.ts';
import { countOption, durationArgument, formatOption, timeLimitOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, lookOf, type Printers, print, type Result } from './command-line.ts';
import { readDocumentFiles, readMappingFile, timeNotes } from './dry-run/documents.ts';
import { play } from './dry-run/play.ts';
import { parseMoment } from './moment.ts';
import { openConfig } from './open-config.ts';
import { openRules } from './open-rules.ts';
import { type Progress, progressOn } from './progress.ts';

type Format = 'text' | 'json' | 'markdown';

interface DryRunOptions extends GlobalOptions {
  readonly from: string;
  readonly to: string;
  readonly documents?: readonly string[];
  readonly mapping?: string;
  readonly warmUp: Duration;
  readonly arrival?: string;
  readonly budget?: Duration;
  readonly timeLimit?: Duration;
  readonly maxDocuments?: number;
  readonly format: Format;
}

/** Months over a slow cluster may well take hours. */
const TIME_LIMIT: Duration = DAY;
/** Most documents of files, unless --max-documents says otherwise. */
export const MAX_DOCUMENTS = 10_000_000;

const PRINTERS: Printers<DryRunReport, Format> = { text: dryRunText, json: dryRunJson, markdown: dryRunMarkdown };

/** `tocsin dry-run`: what rules would have done, over the cluster or over documents from files. */
export const attachDryRun: Attach = (line, settle) => {
  const command = new Command('dry-run')
    .description(
      'Replay rules over past data: what would have fired, and who would have been notified. Writes and sends nothing.',
    )
    .argument('[paths...]', 'rule files and folders (default: the rules that tocsin.yaml names, else rules/)')
    .requiredOption('--from <moment>', 'begin: ISO 8601 (UTC unless it names a zone), or now-7d')
    .option('--to <moment>', 'end: as --from', 'now')
    .option('--documents <files...>', 'documents instead of the cluster: files with one JSON document a line')
    .option('--mapping <file>', 'with --documents: their mapping, as JSON; without it, it is taken from ECS and from the values')
    .addOption(warmUpOption())
    .option('--arrival <field>', 'count documents from this time on, such as event.ingested: what `run` would have seen')
    .addOption(budgetOption())
    .addOption(timeLimitOption(TIME_LIMIT))
    .addOption(countOption('--max-documents <count>', 'documents of --documents', MAX_DOCUMENTS))
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (paths: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<DryRunOptions>();
      const result = await dryRun(paths, line, options);
      print(result.data, options.format, PRINTERS, line, options);
      settle(result.exitCode);
    });
  return withExamples(command, [
    ['What would my rules have done last week?', 'tocsin dry-run --from now-7d'],
    [
      'One rule over one day, warmed up by the day before',
      'tocsin dry-run rules/stub-5xx.yaml --from 2026-01-31 --to 2026-02-01 --warm-up 1d',
    ],
    ['With documents as late as they were', 'tocsin dry-run --from now-1d --arrival event.ingested'],
    [
      'Without a cluster, over documents',
      'tocsin dry-run rules/ --from 2026-01-31T10:00Z --to 2026-01-31T11:00Z --documents logs.ndjson',
    ],
    [
      'For scripts',
      'tocsin dry-run --from now-1d --format json | jq \'.rules[] | {name, episodes: [.transitions[] | select(.to == "firing")] | length}\'',
    ],
    ['As much of the last month as fits into a minute', 'tocsin dry-run --from now-30d --budget 60s'],
    ['As the comment of a pull request', 'tocsin dry-run rules/new.yaml --from now-7d --format markdown'],
  ]);
};

function warmUpOption(): Option {
  const option = new Option('--warm-up <duration>', 'evaluate this long before --from too, without reporting it');
  return option.argParser(durationArgument).default(0, '0s');
}

function budgetOption(): Option {
  const option = new Option('--budget <duration>', 'stop after so long with what is covered by then, such as 60s; exit code 1 says so');
  return option.argParser(durationArgument);
}

/** Plays rules over a range of time. Exit code 1: a window could not be evaluated, the budget ended first, or a rule file has an error. */
export async function dryRun(
  paths: readonly string[],
  line: CommandLine,
  options: Omit<DryRunOptions, 'format'>,
): Promise<Result<DryRunReport>> {
  line.limitTime?.(options.timeLimit ?? TIME_LIMIT);
  const range = rangeOf(options, line);
  const config = await openConfig(line, options, options.documents === undefined ? 'elasticsearch' : 'none');
  const set = await openRules(paths, config, line.folder);
  const errors = set.problems.filter((problem) => problem.severity === 'error');
  line.stderr.write(problemsText(errors, lookOf(line.stderr, line.env, options.color)));
  if (set.rules.length === 0 && errors.length === 0) {
    throw new TocsinError('cli/no-rules', 'there is no rule to run', {
      hint: 'name rule files or folders, or set `rules` in tocsin.yaml',
    });
  }
  const progress = progressOn(line, options.color);
  try {
    const opened = await openSearch(options, set.rules, config, line, progress);
    try {
      const data = await play({
        rules: set.rules,
        failures: fileFailures(set),
        config,
        search: opened.search,
        ranges: opened.ranges,
        range,
        warmUp: options.warmUp,
        arrival: options.arrival,
        budget: options.budget,
        clock: line.clock,
        signal: line.signal,
        progress: (done) =>
          progress.show(
            done,
            `${iso(range.from - options.warmUp + done * (range.to - range.from + options.warmUp)).slice(0, 16)}Z`,
          ),
      });
      const failed = errors.length > 0 || data.stopped !== undefined || data.rules.some((rule) => rule.failed > 0);
      const asked = opened.asked?.();
      return { data: { ...data, ...(asked !== undefined && { asked }) }, exitCode: failed ? 1 : 0 };
    } finally {
      await opened.close();
    }
  } finally {
    progress.clear();
  }
}

/** The range that --from and --to name. Throws TocsinError for one that ends before it begins. */
export function rangeOf(options: Pick<DryRunOptions, 'from' | 'to'>, line: CommandLine): TimeRange {
  const now = line.clock.now();
  const from = parseMoment('--from', options.from, now);
  const to = parseMoment('--to', options.to, now);
  if (from < to) return { from, to };
  throw new TocsinError('cli/range', `--from ${iso(from)} is not before --to ${iso(to)}`, {
    hint: 'name an earlier --from or a later --to',
  });
}

/** Where the questions of a dry run go. */
export interface OpenSearch {
  readonly search: Search;
  readonly ranges: RangeSearch;
  /** What was asked of a cluster so far. */
  asked?(): Metered;
  close(): Promise<void>;
}

/** The client of a cluster is loaded only where there is one to ask. */
export async function openSearch(
  {
    documents: files,
    mapping: file,
    maxDocuments = MAX_DOCUMENTS,
  }: Pick<DryRunOptions, 'documents' | 'mapping' | 'maxDocuments'>,
  rules: readonly Rule[],
  config: Config,
  line: CommandLine,
  progress: Progress,
): Promise<OpenSearch> {
  if (file !== undefined && files === undefined)
    throw new TocsinError('documents/mapping', '--mapping says what --documents mean, and there are none', {
      hint: 'add --documents FILE',
    });
  if (files !== undefined) {
    const { embeddedSearch } = await import('../backends/embedded/search.ts');
    const { embeddedRanges } = await import('../backends/embedded/ranges.ts');
    const documents = await readDocumentFiles(files, {
      most: maxDocuments,
      signal: line.signal,
      read: (count) => progress.show(0, `${count.toLocaleString('en-US')} documents read`),
      ...(file !== undefined && { mapping: await readMappingFile(file) }),
    });
    for (const note of timeNotes(documents, [...new Set(rules.map((rule) => rule.source.timeField))]))
      line.stderr.write(`${note}\n`);
    const search = embeddedSearch(documents);
    return { search, ranges: embeddedRanges(documents, search), close: async () => undefined };
  }
  const backend = await createBackend(config);
  const info = await backend.info(line.signal);
  if (info.ok) {
    const { search, ranges, total } = metered(backend.search, backend.ranges);
    return { search, ranges, asked: total, close: () => backend.close() };
  }
  await backend.close();
  const { code, message, hint } = info.problem;
  throw new TocsinError(`search/${code}`, `Elasticsearch cannot be asked: ${message}`, { hint: `${hint}; or name --documents` });
}
