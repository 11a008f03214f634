import type { JsonObject } from '../../../core/json.ts';
import type { TimeRange } from '../../../core/time.ts';
import type { QueryDsl, Source } from '../../../search/query.ts';

/** What every question has: where it looks and when. */
interface Asked {
  readonly source: Source;
  readonly window: TimeRange;
  readonly filter: QueryDsl;
}

/** The Query DSL of a question's documents: its window, its filter, and no frozen data unless that was asked for. */
export function queryOf({ source, window, filter }: Asked, ...more: readonly QueryDsl[]): QueryDsl {
  const filters = [rangeOf(source.timeField, window), filter, ...more].filter((one) => !isMatchAll(one));
  return { bool: { filter: filters, ...(!source.frozen && { must_not: [{ term: { _tier: 'data_frozen' } }] }) } };
}

/** The half-open window; `lt` and never `lte … − 1`, which would lose the nanoseconds after the last millisecond. */
export function rangeOf(timeField: string, window: TimeRange): QueryDsl {
  return { range: { [timeField]: { gte: window.from, lt: window.to, format: 'epoch_millis' } } };
}

/** Members that every search body has beside its query. */
export function searchBody(source: Source, query: QueryDsl, rest: JsonObject): JsonObject {
  return { size: 0, track_total_hits: false, timeout: `${Math.max(1, Math.round(source.timeout))}ms`, query, ...rest };
}

/** Says whether a filter lets every document through. */
export function isMatchAll(filter: QueryDsl): boolean {
  return Object.keys(filter).length === 1 && filter['match_all'] !== undefined;
}

/** Documents that have all of the fields. */
function havingAll(fields: readonly string[]): QueryDsl {
  return { bool: { filter: fields.map((field) => ({ exists: { field } })) } };
}

/** Documents that lack one of the fields. */
export function lackingAny(fields: readonly string[]): QueryDsl {
  return { bool: { must_not: [havingAll(fields)] } };
}
