import { isObject, type JsonObject } from '../../../core/json.ts';
import type { GroupRow } from '../../../search/answer.ts';
import type { GroupsQuery } from '../../../search/query.ts';
import { lackingAny, queryOf, searchBody } from './body.ts';
import { countOf } from './counts.ts';
import { bucketsOfMetrics, metricAggregations } from './metrics.ts';
import { bucketsOf, bucketValue, docsOf, lacking, rowOf, ungroupable, withSubs } from './rows.ts';
import { done, type Finished, type Found, failed, NO_PARTS, type Step } from './step.ts';

/** `search.max_buckets` is 65,536 unless someone changed it. */
const MAX_BUCKETS = 50_000;

/** Says whether one `terms` aggregation can answer: one field, no division of the window, and not too many buckets. */
export function fitsTerms(query: GroupsQuery): boolean {
  const buckets = (query.maxGroups + 1) * (1 + bucketsOfMetrics(query.metrics));
  return query.groupBy.length === 1 && query.bucket === undefined && query.only === undefined && buckets <= MAX_BUCKETS;
}

/** The groups of one field, those with the most documents first, so that a truncated answer keeps the worst. */
export function askTerms(query: GroupsQuery, field: string): Step {
  const subs = metricAggregations(query.metrics, query.source.timeField);
  const terms = { field, size: query.maxGroups, show_term_doc_count_error: true };
  const without = query.missing === 'include' ? subs : {};
  const aggs = {
    all: { filter: { match_all: {} } },
    without: withSubs({ filter: lackingAny([field]) }, without),
    groups: withSubs({ terms }, subs),
  };
  return { ...ask(query, aggs), read: (found) => readTerms(query, field, found) };
}

function ask(query: GroupsQuery, aggs: JsonObject): Omit<Extract<Step, { kind: 'ask' }>, 'read'> {
  const body = searchBody(query.source, queryOf(query), { aggs });
  return { kind: 'ask', search: { kind: 'search', source: query.source, body } };
}

function readTerms(query: GroupsQuery, field: string, found: Found): Step {
  const [matched, without, buckets] = [docsOf(found, 'all'), docsOf(found, 'without'), bucketsOf(found, 'groups')];
  const others = othersOf(found);
  if (matched === undefined || without === undefined || buckets === undefined || others === undefined) return lacking('groups');
  if (!buckets.every((bucket) => countOf(bucket['doc_count_error_upper_bound']) !== undefined)) return lacking('bounds of error');
  const counted = buckets.reduce((sum, bucket) => sum + (countOf(bucket['doc_count']) ?? 0), others);
  if (counted < matched - without) return failed(ungroupable(field, matched - without - counted));

  const exact = readBuckets(
    query,
    field,
    buckets.filter((bucket) => !isRough(bucket)),
  );
  if (exact === undefined) return lacking('groups with metrics');
  const isNull = query.missing === 'include' && without > 0;
  const nulls = isNull ? rowOf(query, { [field]: null }, found.aggregations['without']) : undefined;
  if (isNull && nulls === undefined) return lacking('metrics');
  const known = { matched, without, others, rows: nulls === undefined ? exact : [...exact, nulls] };
  const rough = buckets.filter(isRough).map(askedFor);
  const again = rough.filter((key) => typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint');
  return again.length === 0 ? finish(query, known, rough.length > 0) : askExactly(query, field, again, known);
}

interface Known {
  readonly matched: number;
  readonly without: number;
  readonly others: number;
  readonly rows: readonly GroupRow[];
}

/**
 * Asks for named groups alone. A shard that did not send a term among its top ones makes that term's count too low; when it is
 * asked for by name, every shard counts it.
 */
function askExactly(query: GroupsQuery, field: string, include: readonly (string | number | bigint)[], known: Known): Step {
  const terms = { field, size: include.length, include };
  const subs = metricAggregations(query.metrics, query.source.timeField);
  return {
    ...ask(query, { groups: withSubs({ terms }, subs) }),
    read: (found) => {
      const buckets = bucketsOf(found, 'groups');
      const rows = buckets === undefined ? undefined : readBuckets(query, field, buckets);
      return rows === undefined
        ? lacking('groups with metrics')
        : finish(query, { ...known, rows: [...known.rows, ...rows] }, false);
    },
  };
}

function finish(query: GroupsQuery, known: Known, incomplete: boolean): Step {
  return done(termsAnswer(query, known, incomplete || known.others > 0));
}

/** The answer with these rows, which are in the order of their values: the largest groups first, no more than the query takes. */
export function termsAnswer(
  { maxGroups, missing }: GroupsQuery,
  { matched, without, rows }: Omit<Known, 'others'>,
  incomplete = false,
): Finished {
  const groups = rows.toSorted((a, b) => b.docs - a.docs).slice(0, maxGroups);
  const truncated = incomplete || groups.length < rows.length;
  return {
    ...NO_PARTS,
    kind: truncated ? 'truncated' : 'complete',
    groups,
    matched,
    ungrouped: missing === 'exclude' ? without : 0,
    atLeast: groups.length + (truncated ? 1 : 0),
  };
}

function readBuckets(
  query: GroupsQuery,
  field: string,
  buckets: readonly Readonly<Record<string, unknown>>[],
): readonly GroupRow[] | undefined {
  const rows = buckets.map((bucket) => {
    const value = bucketValue(bucket['key'], bucket['key_as_string']);
    return value === undefined ? undefined : rowOf(query, { [field]: value }, bucket);
  });
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

/** A key as its field reads it: a date in the format of its own, in which a number may mean something else. */
function askedFor({ key, key_as_string: text }: Readonly<Record<string, unknown>>): unknown {
  return typeof text === 'string' ? text : key;
}

function isRough(bucket: Readonly<Record<string, unknown>>): boolean {
  return bucket['doc_count_error_upper_bound'] !== 0;
}

function othersOf(found: Found): number | undefined {
  const { groups } = found.aggregations;
  return isObject(groups) ? countOf(groups['sum_other_doc_count']) : undefined;
}
