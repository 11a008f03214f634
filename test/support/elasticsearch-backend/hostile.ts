import fc from 'fast-check';
import { isObject } from '../../../src/core/json.ts';

/** A place in a JSON value: keys of objects and positions of lists. */
export type Place = readonly (string | number)[];

/** What a broken proxy, or something that is no Elasticsearch, may put where another value belongs; `undefined` leaves the member out. */
const HOSTILE: readonly unknown[] = [
  ...[undefined, null, true, 'NaN', 'Infinity', '', 'x', '1', -1, 1.5, 1e308, Number.POSITIVE_INFINITY, 2n ** 70n],
  ...[{}, [], [[]], { a: 1 }, [{}], { buckets: 'x' }, [null]],
];

/** Every place in a value, the value itself left out. */
function placesIn(value: unknown): readonly Place[] {
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return entries.flatMap(([key, inner]: readonly [string | number, unknown]) => [
    [key],
    ...placesIn(inner).map((place) => [key, ...place]),
  ]);
}

/** The value with another one at a place. */
export function withAt(value: unknown, [key, ...rest]: Place, other: unknown): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value)) return value.map((inner: unknown, at) => (at === key ? withAt(inner, rest, other) : inner));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, name === key ? withAt(inner, rest, other) : inner] as const,
  );
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

/** A change of one of several answers: which, where, and to what. */
export interface Mutation {
  readonly answer: number;
  readonly place: Place;
  readonly value: unknown;
}

/** Changes of one place of one of the answers. */
export function mutations(answers: readonly unknown[]): fc.Arbitrary<Mutation> {
  const places = answers.flatMap((body, answer) => placesIn(body).map((place) => ({ answer, place })));
  return fc
    .record({ at: fc.constantFrom(...places), value: fc.constantFrom(...HOSTILE) })
    .map(({ at, value }) => ({ ...at, value }));
}
