import { describe, expect, test } from 'vitest';
import { evidenceOfEvents } from '../../../src/evaluation/evidence/evidence.ts';
import { NOON } from '../../support/engine/world.ts';

const shown = (asked: readonly string[], fields: Readonly<Record<string, readonly string[]>>) =>
  Object.keys(
    evidenceOfEvents({ evidence: { fields: [...asked], samples: 1, top: [] } }, [{ at: NOON, fields }])?.documents[0]?.fields ??
      {},
  );

describe('patterns of fields that messages show', () => {
  test.each([
    ['a name', ['b'], ['b']],
    ['the beginning of names', ['http.*'], ['http.request.method', 'http.status']],
    ['a point is a point', ['http*status'], ['http.status']],
    ['multi-fields and metadata are left out', ['*'], ['a[0]', 'b', 'http.request.method', 'http.status']],
    ['other signs of expressions mean themselves', ['a[0]*'], ['a[0]']],
  ])('%s: %j', (_name, asked, expected) => {
    const names = ['_id', 'a[0]', 'b', 'b.keyword', 'http.request.method', 'http.status'];
    expect(shown(asked, Object.fromEntries(names.map((name) => [name, ['x']])))).toEqual(expected);
  });

  // An expression with so many stars would not end in this life.
  test('with many stars are quick on a name that almost matches', () => {
    expect(shown([`${'*a'.repeat(60)}*b`], { ['a'.repeat(500)]: ['x'] })).toEqual([]);
  });
});
