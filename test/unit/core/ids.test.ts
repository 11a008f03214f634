import { expect, test } from 'vitest';
import { hashId } from '../../../src/core/ids.ts';

test('an id is 32 hexadecimal characters and the same for ever', () => {
  expect(hashId('default', 'stub-5xx', { 'service.name': 'stub' })).toBe('6a7880acc1bde64aa9111264090280de');
});

test('the order of keys does not matter, the order of parts does', () => {
  expect(hashId({ a: 1, b: { c: 2, d: 3 } })).toBe(hashId({ b: { d: 3, c: 2 }, a: 1 }));
  expect(hashId('a', 'b')).not.toBe(hashId('b', 'a'));
});

test.each([
  ['parts are not run together', ['ab', 'c'], ['a', 'bc']],
  ['null is not the text null', [{ a: null }], [{ a: 'null' }]],
  ['a number is not its text', [1], ['1']],
  ['one list is not two parts', [['a', 'b']], ['a', 'b']],
])('%s', (_name, one, other) => {
  expect(hashId(...one)).not.toBe(hashId(...other));
});
