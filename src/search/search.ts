import { canonicalJson } from '../core/json.ts';
import type { Answer } from './answer.ts';
import type { Query } from './query.ts';

/** The port to whoever holds the documents. Answers stand in the order of the queries; a failed search is an answer, never an exception. */
export interface Search {
  ask(queries: readonly Query[], signal: AbortSignal): Promise<readonly Answer[]>;
}

/** A question passes several that look for its like. */
const keys = new WeakMap<Query, string>();

/** Key of a question without its window and name: equal keys over equal windows are one question. */
export function canonicalKey(query: Query): string {
  const known = keys.get(query);
  if (known !== undefined) return known;
  const { name: _name, window: _window, ...question } = query;
  const key = canonicalJson(question);
  keys.set(query, key);
  return key;
}
