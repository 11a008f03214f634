import { TocsinError } from '../../core/errors.ts';
import { type Duration, HOUR, type Instant, MINUTE, SECOND, type TimeRange } from '../../core/time.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Arrived, HitRow } from '../../search/answer.ts';
import type { HitsQuery } from '../../search/query.ts';
import type { Search } from '../../search/search.ts';

/** What is read, and within which bounds. */
export interface DocumentsToRead {
  readonly search: Search;
  readonly signal: AbortSignal;
  readonly fields: readonly string[];
  /** The time that windows cover, `[from, to)`. */
  readonly span: TimeRange;
  /** How finely it matters whether the source had a document at all, ms. */
  readonly step: Duration;
  readonly most: number;
  progress(done: number, count: number): void;
}

const AT_ONCE = 10_000;
const LONGEST: Duration = 6 * HOUR;
const SHORTEST: Duration = SECOND;
const WITNESSES = 64;

/**
 * The documents that a rule reads, slice by slice: those of its query, and where it has none one other document of its source, because a rule
 * knows a source that is silent from one in which nothing matches. Throws TocsinError where a search fails, and beyond `most` documents.
 */
export async function* documentsToRecord(rule: Rule, reading: DocumentsToRead): AsyncGenerator<readonly HitRow[]> {
  const { span, most } = reading;
  const spoken = new Set<number>();
  let count = 0;
  const counted = (rows: readonly HitRow[]) => {
    count += rows.length;
    if (count <= most) return rows;
    throw new TocsinError('record/too-many', `more than ${most} documents`, {
      hint: 'a shorter time, or a higher --max-documents',
    });
  };
  let length = MINUTE * 10;
  for (let from = span.from; from < span.to; ) {
    const to = Math.min(span.to, from + length);
    const answer = await askOne(question(rule, reading, { from, to }), reading);
    if (answer.kind === 'truncated' && length > SHORTEST) {
      length = Math.max(SHORTEST, Math.floor(length / 4));
      continue;
    }
    if (answer.kind === 'truncated')
      throw new TocsinError('record/too-many', `more than ${AT_ONCE} documents within a second`, { hint: 'a narrower query' });
    for (const { at } of answer.hits) spoken.add(slotOf(at, reading));
    yield counted(answer.hits);
    reading.progress((to - span.from) / (span.to - span.from), count);
    if (answer.hits.length < AT_ONCE / 4) length = Math.min(LONGEST, length * 2);
    from = to;
  }
  const silent: TimeRange[] = [];
  for (let from = Math.floor(span.from / reading.step) * reading.step; from < span.to; from += reading.step)
    if (!spoken.has(slotOf(from, reading))) silent.push({ from, to: Math.min(span.to, from + reading.step) });
  for (let start = 0; start < silent.length; start += WITNESSES)
    yield counted(await witnesses(rule, reading, silent.slice(start, start + WITNESSES)));
}

function slotOf(at: Instant, { step }: Pick<DocumentsToRead, 'step'>): number {
  return Math.floor(at / step);
}

function question(rule: Rule, { fields }: Pick<DocumentsToRead, 'fields'>, window: TimeRange): HitsQuery {
  return {
    kind: 'hits',
    name: `${rule.id}/record`,
    source: rule.source,
    window,
    filter: rule.filter,
    fields: [...fields],
    limit: AT_ONCE,
  };
}

async function witnesses(
  rule: Rule,
  { search, signal, fields }: DocumentsToRead,
  windows: readonly TimeRange[],
): Promise<readonly HitRow[]> {
  const queries = windows.map((window, index): HitsQuery => {
    return { ...question(rule, { fields }, window), name: `${rule.id}/record/${index}`, filter: { match_all: {} }, limit: 1 };
  });
  const answers = await search.ask(queries, signal);
  return answers.flatMap((answer) => (answer.kind === 'failed' ? failed(answer.problem) : answer.hits.slice(0, 1)));
}

async function askOne(query: HitsQuery, { search, signal }: DocumentsToRead): Promise<Arrived> {
  const [answer] = await search.ask([query], signal);
  if (signal.aborted) throw new TocsinError('cli/interrupted', 'the recording was interrupted');
  if (answer === undefined || answer.kind === 'failed') return failed(answer?.problem);
  return answer;
}

function failed(problem: { readonly code: string; readonly message: string; readonly hint: string } | undefined): never {
  throw new TocsinError(`search/${problem?.code ?? 'bad_answer'}`, problem?.message ?? 'the search was not answered', {
    hint: `${problem?.hint ?? 'try again'}; the file written so far is incomplete`,
  });
}
