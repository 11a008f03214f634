import { groupedBy } from '../../../core/grouped-by.ts';
import { readableJson } from '../../../core/integers.ts';
import { isObject, type Json, type JsonObject } from '../../../core/json.ts';
import type { Fields, HitRow } from '../../../search/answer.ts';
import type { HitsQuery, QueryDsl } from '../../../search/query.ts';
import { searchProblem } from '../../../search/search-problem.ts';
import { queryOf, rangeOf, searchBody } from './body.ts';
import { docsOf, lacking } from './rows.ts';
import { done, type Found, failed, NO_PARTS, type Step } from './step.ts';

const PAGE = 1_000;
/** Aggregations know no time finer than this, so that groups of documents are those of counts. */
const MILLIS = "uuuu-MM-dd'T'HH:mm:ss.SSSX";
const NANOS = 'strict_date_optional_time_nanos';

interface Hit extends HitRow {
  /** The document's time as text, to the nanosecond. */
  readonly time: string;
}

/** A question for documents, and which of its keys are dates. */
export type DatedHits = HitsQuery & { readonly dates?: readonly string[] };

interface Read {
  readonly hits: readonly Hit[];
  readonly matched: number;
}

/**
 * Documents newest first, page by page. A page begins at the last time of the one before and leaves out what was already read
 * there: that needs no point in time to be kept open, no field data of `_id`, and loses nothing among documents of the same time.
 */
export function askHits(query: DatedHits): Step {
  return askPage(query, { hits: [], matched: 0 }, []);
}

function askPage(query: DatedHits, read: Read, beyond: readonly QueryDsl[]): Step {
  const first = read.hits.length === 0;
  const { timeField } = query.source;
  const newest = { [timeField]: { order: 'desc', format: NANOS, numeric_type: 'date_nanos', unmapped_type: 'date' } };
  const body = searchBody(query.source, preferring(query.first, queryOf(query, ...partsOf(query), ...beyond)), {
    size: Math.min(PAGE, query.limit + 1 - read.hits.length),
    sort: query.first === undefined ? [newest] : [{ _score: { order: 'desc' } }, newest],
    _source: false,
    fields: query.fields.map((field) => fieldOf(query, field)),
    ...(first && { aggs: { all: { filter: { match_all: {} } } } }),
  });
  return { kind: 'ask', search: { kind: 'search', source: query.source, body }, read: (found) => readPage(query, read, found) };
}

function fieldOf({ dates = [] }: DatedHits, field: string): JsonObject {
  return { field, include_unmapped: true, ...(dates.includes(field) && { format: MILLIS }) };
}

/** The parts of the window that are asked about, where that is not all of it. */
function partsOf({ source, within }: HitsQuery): readonly QueryDsl[] {
  if (within === undefined) return [];
  // A list of no alternatives would match everything.
  if (within.length === 0) return [{ match_none: {} }];
  return [{ bool: { should: within.map((part) => rangeOf(source.timeField, part)), minimum_should_match: 1 } }];
}

/** Scores 1 what comes first and 0 the rest. */
function preferring(first: QueryDsl | undefined, query: QueryDsl): QueryDsl {
  if (first === undefined) return query;
  return { bool: { filter: [query], should: [{ constant_score: { filter: first } }] } };
}

function readPage(query: HitsQuery, before: Read, found: Found): Step {
  const page = found.hits.map((hit) => hitOf(hit, query.first === undefined ? 0 : 1));
  if (!page.every((hit) => hit !== undefined)) return lacking('times of documents');
  const matched = before.hits.length === 0 ? docsOf(found, 'all') : before.matched;
  if (matched === undefined) return lacking('counts');

  const last = before.hits.at(-1);
  const known = new Set(before.hits.flatMap((hit) => (hit.time === last?.time ? [keyOf(hit)] : [])));
  // The next page would be the same again, and documents would count twice.
  if (last !== undefined && page.some((hit) => hit.at > last.at || known.has(keyOf(hit))))
    return failed(searchProblem('bad_answer', `the documents after ${last.time} begin with the same again`));
  const read = { hits: [...before.hits, ...page], matched };
  if (read.hits.length === 0 && matched > 0) return lacking('documents, although it counts some');
  const asked = Math.min(PAGE, query.limit + 1 - before.hits.length);
  return read.hits.length > query.limit || page.length < asked || query.first !== undefined
    ? finish(query, read)
    : askPage(query, read, afterLast(query, read.hits));
}

function keyOf({ index, id }: Hit): string {
  return JSON.stringify([index, id]);
}

function finish(query: HitsQuery, { hits, matched }: Read): Step {
  const rows = hits.slice(0, query.limit).map(({ time: _time, ...row }) => row);
  const truncated = hits.length > query.limit;
  return done({
    ...NO_PARTS,
    kind: truncated ? 'truncated' : 'complete',
    hits: rows,
    matched,
    ungrouped: 0,
    atLeast: hits.length,
  });
}

function afterLast({ source }: HitsQuery, hits: readonly Hit[]): readonly QueryDsl[] {
  const time = hits.at(-1)?.time ?? '';
  const byIndex = groupedBy(
    hits.filter((hit) => hit.time === time),
    ({ index }) => index,
  );
  const read = [...byIndex].map(([index, some]) => ({
    bool: { filter: [{ term: { _index: index } }, { ids: { values: some.map(({ id }) => id) } }] },
  }));
  return [{ range: { [source.timeField]: { lte: time, format: NANOS } } }, { bool: { must_not: read } }];
}

/** `place`: the index of the time in the sort values of hits. */
function hitOf(hit: unknown, place: number): Hit | undefined {
  if (!isObject(hit) || typeof hit['_id'] !== 'string' || typeof hit['_index'] !== 'string') return undefined;
  const time: unknown = Array.isArray(hit['sort']) ? hit['sort'][place] : undefined;
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (typeof time !== 'string' || Number.isNaN(at)) return undefined;
  const { fields = {} } = hit;
  return isObject(fields) ? { id: hit['_id'], index: hit['_index'], at, time, fields: fieldsOf(fields) } : undefined;
}

function fieldsOf(fields: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, ((Array.isArray(value) ? value : [value]) as Json[]).map(readableJson)]),
  );
}
