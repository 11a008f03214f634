import { createBackend } from '../backends/create-backend.ts';
import type { Config } from '../config/config.ts';
import { TocsinError } from '../core/errors.ts';
import { iso, type TimeRange } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import { type Metered, metered } from '../search/range/meter.ts';
import type { RangeSearch } from '../search/range/range-query.ts';
import { rememberRefusals } from '../search/refused-sources.ts';
import type { Search } from '../search/search.ts';
import type { CommandLine } from './command-line.ts';
import { readDocumentFiles, readMappingFile, timeNotes } from './dry-run/documents.ts';
import { parseMoment } from './moment.ts';
import type { Progress } from './progress.ts';

/** Documents of `--documents` unless more or fewer are named. */
export const MAX_DOCUMENTS = 10_000_000;

/** Which past data a command reads. */
export interface HistoryOptions {
  readonly from: string;
  readonly to: string;
  readonly documents?: readonly string[];
  readonly mapping?: string;
  readonly maxDocuments: number;
}

/** The range of time between `--from` and `--to`; throws TocsinError where there is none. */
export function namedRange(options: Pick<HistoryOptions, 'from' | 'to'>, line: CommandLine): TimeRange {
  const now = line.clock.now();
  const from = parseMoment('--from', options.from, now);
  const to = parseMoment('--to', options.to, now);
  if (from < to) return { from, to };
  throw new TocsinError('cli/range', `--from ${iso(from)} is not before --to ${iso(to)}`, {
    hint: 'name an earlier --from or a later --to',
  });
}

/** Past data, open to the questions of a replay. */
export interface OpenHistory {
  readonly search: Search;
  readonly ranges: RangeSearch;
  /** What was asked of a cluster so far. */
  asked?(): Metered;
  close(): Promise<void>;
}

/** Opens what is searched: the cluster, or documents of files. The client of a cluster is loaded only where there is one to ask. */
export async function openHistory(
  { documents: files, mapping: file, maxDocuments }: Omit<HistoryOptions, 'from' | 'to'>,
  rules: readonly Rule[],
  config: Config,
  line: Pick<CommandLine, 'signal' | 'stderr' | 'clock'>,
  progress: Progress,
): Promise<OpenHistory> {
  if (file !== undefined && files === undefined)
    throw new TocsinError('documents/mapping', '--mapping needs --documents', {
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
    return { search: rememberRefusals(search, line.clock.monotonic), ranges, asked: total, close: () => backend.close() };
  }
  await backend.close();
  const { code, message, hint } = info.problem;
  throw new TocsinError(`search/${code}`, `Elasticsearch cannot be reached: ${message}`, {
    hint: `${hint}; or name --documents`,
  });
}
