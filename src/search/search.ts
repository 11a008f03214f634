import { canonicalJson } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import type { Answer } from './answer.ts';
import type { Query, QueryDsl } from './query.ts';

/**
 * The port to the documents. Answers are in the order of the queries; a failed search is an answer, never an exception. Repeating
 * a query costs nothing extra, so callers need not deduplicate.
 */
export interface Search {
  ask(queries: readonly Query[], signal: AbortSignal): Promise<readonly Answer[]>;
  /** The result of `ask` if it is already available for all queries; otherwise undefined. Ports that do not search ahead lack it. */
  known?(queries: readonly Query[]): readonly Answer[] | undefined;
}

/** The last question about the documents of each filter, with its key: a rule asks the same at every tick, and only its window moves. */
const lastOfFilter = new WeakMap<QueryDsl, { readonly query: Query; readonly key: string }>();

/** Key of a question without its window and name: equal keys over equal windows are one question. */
export function canonicalKey(query: Query): string {
  const last = lastOfFilter.get(query.filter);
  if (last !== undefined && asksTheSame(last.query, query)) return last.key;
  const { name: _name, window: _window, ...question } = query;
  const key = canonicalJson(question);
  lastOfFilter.set(query.filter, { query, key });
  return key;
}

/** Says so only of what is made of the very same parts; others may be equal all the same. */
function asksTheSame(one: Query, other: Query): boolean {
  const parts = Object.keys(one) as (keyof Query)[];
  return (
    parts.length === Object.keys(other).length &&
    parts.every((part) => part === 'name' || part === 'window' || one[part] === other[part])
  );
}

/** Questions without repetition, and for each of those given the place of its like among them. */
export function distinctQuestions(queries: readonly Query[]): {
  readonly distinct: readonly Query[];
  readonly places: readonly number[];
} {
  const distinct: Query[] = [];
  const likes = new Map<string, Map<Instant, number[]>>();
  const places = queries.map((query) => {
    const key = canonicalKey(query);
    const { from } = query.window;
    const sameKey = likes.get(key) ?? new Map<Instant, number[]>();
    if (sameKey.size === 0) likes.set(key, sameKey);
    const likely = sameKey.get(from);
    const known = likely?.find((place) => overTheSameWindow(distinct[place], query));
    if (known !== undefined) return known;
    const place = distinct.push(query) - 1;
    if (likely === undefined) sameKey.set(from, [place]);
    else likely.push(place);
    return place;
  });
  return { distinct, places };
}

function overTheSameWindow(one: Query | undefined, { window }: Query): boolean {
  return one !== undefined && one.window.from === window.from && one.window.to === window.to;
}
