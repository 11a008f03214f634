import type { Value } from './query.ts';

/**
 * The values of one field of one document as a single value: one is itself; of several, which come in order, each is listed once, as JSON:
 * `["admin","viewer"]`. Equal sets give equal values, and no other value gives the same: a text that looks like such a list is a list of one.
 */
export function valueOfSet(values: readonly Value[]): Value | null {
  const texts = [...new Set(values.map(String))];
  const [only] = values;
  if (texts.length > 1) return JSON.stringify(texts);
  return typeof only === 'string' && isList(only) ? JSON.stringify([only]) : (only ?? null);
}

function isList(text: string): boolean {
  return text.startsWith('["') && text.endsWith('"]');
}
