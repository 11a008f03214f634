import type { Value } from './query.ts';

/**
 * The values of one field of one document as a single value: one is itself; of several, which come in order, each is listed once. Equal sets give
 * equal values; where a value has a comma of its own, the list is JSON.
 */
export function valueOfSet(values: readonly Value[]): Value | null {
  const texts = [...new Set(values.map(String))];
  const [only] = values;
  if (texts.length <= 1) return only ?? null;
  return texts.some((text) => text.includes(',')) ? JSON.stringify(texts) : texts.join(', ');
}
