import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../../src/core/json.ts';
import { goldenDocuments } from '../../contract/support/golden-documents.ts';
import { runs } from '../../support/thorough.ts';

type Path = readonly (string | number)[];

/** What a hand, another program or a fault may leave in the place of a member: any JSON, and integers that only Elasticsearch holds exactly. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.bigInt(),
  fc.constantFrom<unknown>(undefined, null, 0, -1, 0.5, 1e9, 1e308, -0, '', '2', [], {}, [[]], true),
  fc.record({ inside: fc.bigInt() }),
  fc.constantFrom('__proto__', 'constructor').map((name) => JSON.parse(`{"${name}": {"v": 1}}`) as unknown),
  fc.nat(50_000).map((size) => 'x'.repeat(size)),
  fc.nat(5_000).map((size) => Array.from({ length: size }, () => null)),
);

/** The paths of all members of a document, its own first. */
function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  const inner: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((one, index) => [index, one] as const)
    : isObject(value)
      ? Object.entries(value)
      : [];
  return [...inner.map(([name]) => [...path, name]), ...inner.flatMap(([name, one]) => pathsIn(one, [...path, name]))];
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value)) return value.map((one, index) => (index === name ? replaced(one, rest, by) : one));
  return Object.fromEntries(
    Object.entries(value as object).map(([key, one]) => [key, key === name ? replaced(one, rest, by) : one]),
  );
}

describe.each(goldenDocuments())(
  '$file with another value in the place of one of its members',
  ({ kind, version, body, current }) => {
    const paths = pathsIn(body);

    test('is read whole, or named in a sentence; it is never thrown, and what is of a newer Tocsin is never replaced', () => {
      fc.assert(
        fc.property(fc.nat(paths.length - 1), anything, (at, value) => {
          const path = paths[at] ?? [];
          const damaged = replaced(body, path, value);
          const read = kind.read(damaged);
          if (read.ok) {
            // What was accepted is of the current version, and is accepted as such.
            expect(kind.read(read.document)).toEqual(read);
            return;
          }
          expect(read.message.length).toBeLessThan(700);
          const isNewer = path.length === 1 && path[0] === 'v' && Number.isSafeInteger(value) && Number(value) > kind.version;
          expect([path, read.replaceable]).toEqual([path, !isNewer]);
        }),
        { numRuns: runs(600) },
      );
    });

    test('as a whole is named as well', () => {
      for (const whole of [undefined, null, [], [body], 'text', 7, 7n, true])
        expect(kind.read(whole)).toEqual({ ok: false, replaceable: true, message: 'has no body' });
      expect(kind.read(body)).toEqual({ ok: true, document: current });
      expect(version).toBeLessThanOrEqual(kind.version);
    });
  },
);
