import type { Json } from '../../core/json.ts';
import { type Instant, iso } from '../../core/time.ts';
import { type Answer, type Arrived, type Cost, NO_COST } from '../../search/answer.ts';
import type { GroupsQuery, HitsQuery, Query } from '../../search/query.ts';
import { distinctQuestions, type Search } from '../../search/search.ts';
import { searchProblem } from '../../search/search-problem.ts';
import type { StoredDocument } from './column.ts';
import type { DocumentStore } from './documents.ts';
import { createFilters, type Filters } from './filters.ts';
import { groupDocuments, groupsAsWritten } from './groups.ts';
import { newestHits } from './hits.ts';
import { type IndexPatterns, indexPatterns } from './index-patterns.ts';
import { QueryRefusal, unsupported } from './refusal.ts';

/**
 * The search port over documents in memory. It answers as Elasticsearch would, or refuses by name with the problem `unsupported`.
 * `now` is asked at each question where documents have a time of arrival: what arrives later is not seen yet.
 */
export function embeddedSearch(documents: DocumentStore, now?: () => Instant): Search {
  const filters = createFilters(documents);
  const sources = new Map<string, IndexPatterns | undefined>();
  const indicesOf = (indices: readonly string[]): IndexPatterns => {
    const key = indices.join(',');
    if (!sources.has(key)) sources.set(key, indexPatterns(indices));
    const patterns = sources.get(key);
    if (patterns === undefined) throw unsupported(`date math in the name of an index (${key})`);
    return patterns;
  };
  const answer = (query: Query, signal: AbortSignal): Answer => {
    if (signal.aborted) return failed('timeout', 'the search was cancelled before it started');
    try {
      return answerOne(query, documents, filters, indicesOf(query.source.indices), now?.());
    } catch (thrown) {
      if (thrown instanceof QueryRefusal) return { kind: 'failed', problem: thrown.problem, sent: sentBy(query), cost: COST };
      throw thrown;
    }
  };
  return {
    ask: async (queries, signal) => {
      const { distinct, places } = distinctQuestions(queries);
      const answers = distinct.map((query) => answer(query, signal));
      return places.map((place) => answers[place] ?? failed('bad_answer', 'the search was not answered'));
    },
  };
}

const COST: Cost = { ...NO_COST, shards: 1 };

function failed(code: Parameters<typeof searchProblem>[0], message: string): Answer {
  return { kind: 'failed', problem: searchProblem(code, message), cost: NO_COST };
}

function answerOne(
  query: Query,
  documents: DocumentStore,
  filters: Filters,
  indices: IndexPatterns,
  now: Instant | undefined,
): Answer {
  if (query.kind === 'esql') throw unsupported('ES|QL');
  const missing = missingIndex(query, documents, indices);
  if (missing !== undefined) return failed('no_index', missing);
  checkTimeField(query.source.timeField, documents);
  const filter = filters.of(query.filter);
  const within = documents
    .within(query.source.timeField, query.window)
    .filter((document) => isVisible(document, now) && isIn(document, indices) && filter(document));
  return query.kind === 'groups'
    ? groupsAnswer(query, documents, filters, within)
    : hitsAnswer(query, documents, filters, within);
}

/** A window over a field that is not a date finds nothing; without a mapping, a time field is assumed to be a date. */
function checkTimeField(timeField: string, documents: DocumentStore): void {
  const type = documents.fields.mappedType(timeField);
  if (type?.docValues === false) throw unsupported(`a time field ${timeField} with \`doc_values: false\``);
  if (type === undefined || type.kind === 'date') {
    if (documents.hasSeveralTimes(timeField))
      throw unsupported(`documents that have several values of their time field ${timeField}`);
    return;
  }
  if (type.kind === 'other') throw unsupported(`a time field ${timeField} of type ${type.name}`);
  throw new QueryRefusal('bad_mapping', `the time field ${timeField} is ${type.name}, expected a date: map it as date`);
}

function groupsAnswer(
  query: GroupsQuery,
  documents: DocumentStore,
  filters: Filters,
  within: readonly StoredDocument[],
): Arrived {
  const { rows, matched, ungrouped, found, truncated, dates } = groupDocuments(query, documents, filters, within);
  return {
    kind: truncated ? 'truncated' : 'complete',
    groups: rows,
    hits: [],
    table: [],
    matched,
    ungrouped,
    atLeast: found,
    ...(query.named !== undefined && { named: groupsAsWritten(query, query.named, documents) }),
    ...(dates.length > 0 && { dates }),
    sent: sentBy(query),
    cost: COST,
  };
}

function hitsAnswer(query: HitsQuery, documents: DocumentStore, filters: Filters, inWindow: readonly StoredDocument[]): Arrived {
  const within = inWindow.filter((document) => isInPart(query, documents.time(document, query.source.timeField)));
  return {
    kind: within.length > query.limit ? 'truncated' : 'complete',
    groups: [],
    hits: newestHits(query, documents, filters, within),
    table: [],
    matched: within.reduce((sum, document) => sum + document.count, 0),
    ungrouped: 0,
    atLeast: within.length,
    sent: sentBy(query),
    cost: COST,
  };
}

function isInPart({ within }: HitsQuery, time: Instant | undefined): boolean {
  return within === undefined || (time !== undefined && within.some(({ from, to }) => time >= from && time < to));
}

/** A store without documents has every index, empty: a test of silence needs no documents. */
function missingIndex({ source }: Query, documents: DocumentStore, indices: IndexPatterns): string | undefined {
  if (source.ignoreMissingIndex || documents.size() === 0) return undefined;
  const absent = indices.concrete.find((name) => !documents.hasIndex((index) => index === name));
  if (absent !== undefined) return `no such index: ${absent}`;
  return documents.hasIndex(indices.matches) ? undefined : `no index matches ${source.indices.join(', ')}`;
}

function isVisible(document: StoredDocument, now: Instant | undefined): boolean {
  return document.arrivedAt === undefined || now === undefined || document.arrivedAt <= now;
}

function isIn(document: StoredDocument, indices: IndexPatterns): boolean {
  return document.index === undefined || indices.matches(document.index);
}

/** A question as people read it. */
export function sentBy(query: Query): Json {
  const { name: _name, source, window, ...question } = query;
  const { indices, timeField } = source;
  const range = { from: iso(window.from), to: iso(window.to) };
  return { index: indices, time_field: timeField, window: range, ...(question as unknown as Record<string, Json>) };
}
