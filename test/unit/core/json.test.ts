import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepFreeze } from '../../../src/core/freeze.ts';
import { canonicalJson, isObject } from '../../../src/core/json.ts';

test.each<[string, unknown, boolean]>([
  ['an object', {}, true],
  ['an object without a prototype', Object.create(null), true],
  ['null', null, false],
  ['a list', [], false],
  ['a text', 'x', false],
  ['nothing', undefined, false],
])('%s: is it a JSON object?', (_name, value, expected) => {
  expect(isObject(value)).toBe(expected);
});

test('keys stand in order at every depth, lists keep theirs', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }, 3, 1], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1},3,1]}');
});

test('equal values give equal text, and the text is the value', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('what is frozen gives the same text, the second time too', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      const text = canonicalJson(structuredClone(value));
      const frozen = deepFreeze({ value });
      expect([canonicalJson(frozen), canonicalJson(frozen)]).toEqual([`{"value":${text}}`, `{"value":${text}}`]);
    }),
  );
});

test.each<[string, { date: Date }]>([
  ['frozen by deepFreeze', deepFreeze({ date: new Date(1) })],
  ['frozen by someone else', deepFreeze({ ...Object.freeze({ date: new Date(1) }) })],
])('what is %s and can change all the same is reloaded', (_name, value) => {
  const before = canonicalJson(value);
  value.date.setTime(2);
  expect(before).toBe('{"date":"1970-01-01T00:00:00.001Z"}');
  expect(canonicalJson(value)).toBe('{"date":"1970-01-01T00:00:00.002Z"}');
});
