import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { QueryDsl } from './query.ts';

/** Leaves of the Query DSL whose only member is named for the field they look at. */
const BY_FIELD: ReadonlySet<string> = new Set(
  'term terms match match_phrase match_phrase_prefix range prefix wildcard regexp fuzzy'.split(' '),
);
const ENOUGH = 50;

/**
 * The fields that a query looks at, without patterns, in the order they occur; at most 50. What it does not know (scripts, Lucene texts)
 * it passes over: it is for advice only.
 */
export function fieldsOfDsl(query: QueryDsl): readonly string[] {
  const found = new Set<string>();
  const walk = (node: unknown): void => {
    if (found.size >= ENOUGH) return;
    if (Array.isArray(node)) for (const one of node) walk(one);
    if (!isObject(node)) return;
    for (const [key, value] of Object.entries(node)) {
      if (BY_FIELD.has(key) && isObject(value)) add(Object.keys(value).slice(0, 1));
      else if (key === 'exists' && isObject(value)) add([value['field']]);
      else if ((key === 'query_string' || key === 'multi_match') && isObject(value)) add(listOf(value['fields']));
      else walk(value);
    }
  };
  const add = (names: readonly unknown[]): void => {
    for (const name of names) if (typeof name === 'string' && !/[*^]/.test(name) && !name.startsWith('_')) found.add(name);
  };
  walk(query);
  return [...found];
}

/** What the ranges of a query compare each field with: the first bound of the first of them. */
export function rangesOfDsl(query: QueryDsl): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) walk(one);
    if (!isObject(node)) return;
    for (const [key, value] of Object.entries(node)) {
      const [field, bounds] = key === 'range' && isObject(value) ? (Object.entries(value)[0] ?? []) : [];
      const bound = isObject(bounds)
        ? BOUNDS.map((one) => own(bounds, one)).find((one) => one !== undefined && one !== null)
        : undefined;
      if (field !== undefined && bound !== undefined && !found.has(field)) found.set(field, String(bound));
      walk(value);
    }
  };
  walk(query);
  return found;
}

const BOUNDS = ['gt', 'gte', 'lt', 'lte'] as const;

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
