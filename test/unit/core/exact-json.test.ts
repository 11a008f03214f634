import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readableJson, readInteger } from '../../../src/core/integers.ts';
import { canonicalJson, indentedJson, type Json, jsonText } from '../../../src/core/json.ts';
import { parseJson } from '../../../src/core/parse-json.ts';

const LARGE = 1703462528114626665n;

describe('JSON with integers beyond 2^53', () => {
  test.each<[string, string, unknown]>([
    ['a long', '{"id":1703462528114626665}', { id: LARGE }],
    ['the greatest unsigned long in a list', '[18446744073709551615, 1]', [18446744073709551615n, 1]],
    ['the least long', '{"a":[-9223372036854775808]}', { a: [-9223372036854775808n] }],
    [
      'the same digits inside a text',
      String.raw`{"a":"x: 1703462528114626665 ,","b":"\" [1703462528114626665]"}`,
      { a: 'x: 1703462528114626665 ,', b: '" [1703462528114626665]' },
    ],
    ['a text that ends in a backslash before one', String.raw`{"a":"\\","b":1703462528114626665}`, { a: '\\', b: LARGE }],
    ['many digits that a number holds', '{"a":9007199254740991}', { a: 9007199254740991 }],
    [
      'a double with many digits',
      '{"a":0.12345678901234567,"b":1.7034625281146267E18}',
      { a: Number('0.12345678901234567'), b: Number(1703462528114626700n) },
    ],
    ['a sign that Tocsin uses itself', '{"a":"\ue0005","b":1703462528114626665}', { a: '\ue0005', b: LARGE }],
    ['a member named __proto__', '{"__proto__":1703462528114626665}', Object.fromEntries([['__proto__', LARGE]])],
  ])('%s is read as it is', (_name, text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test('what is no JSON fails as ever', () => {
    for (const text of ['{"a":1703462528114626665', '{"a":01703462528114626665}', '{"a" 1703462528114626665,}'])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  const json = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Json>(null, true, 0.1, 'a "b" \\', ': 1703462528114626665,', '\ue000'),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }).map((big) => readInteger(String(big)) ?? 0),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
    ) as fc.Arbitrary<Json>,
  })).value;

  test('whatever is written is read again', () => {
    fc.assert(
      fc.property(json, (value) => {
        for (const write of [jsonText, indentedJson, canonicalJson]) expect(parseJson(write([value]))).toEqual([value]);
      }),
    );
  });

  test('readers without such integers get the texts of their digits', () => {
    expect(JSON.stringify(readableJson({ a: [LARGE, 1], b: { c: LARGE } }))).toBe(
      '{"a":["1703462528114626665",1],"b":{"c":"1703462528114626665"}}',
    );
  });
});
