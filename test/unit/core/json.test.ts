import fc from 'fast-check';
import { expect, test } from 'vitest';
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
