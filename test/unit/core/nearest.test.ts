import { expect, test } from 'vitest';
import { namesInstead, nearest } from '../../../src/core/nearest.ts';

const WORDS = ['condition', 'window', 'group_by', 'count', 'every'];

test.each([
  ['condtion', 'condition'],
  ['conditoin', 'condition'],
  ['Window', 'window'],
  ['groupby', 'group_by'],
  ['cuont', 'count'],
  ['counts', 'count'],
  ['condishun', 'condition'],
])('%s is near %s', (word, known) => {
  expect(nearest(word, WORDS)).toBe(known);
});

test.each(['receiver', 'severity', 'notification', 'qqqqq'])('nothing is near %s', (word) => {
  expect(nearest(word, WORDS)).toBeUndefined();
});

test.each([
  ['kep', 'keep', true],
  ['nme', 'name', true],
  ['ta', 'at', true],
  ['tags', 'tag', true],
  ['AT', 'at', true],
  ['zz', 'at', false],
  ['iz', 'at', false],
  ['x', 'y', false],
  ['x', 'xy', false],
  ['foo', 'bar', false],
  ['new', 'not', false],
  ['cart', 'at', false],
  ['toods', 'todo', true],
])('a short word must share most of its letters: %s, %s: %s', (word, known, near) => {
  expect(nearest(word, [known])).toBe(near ? known : undefined);
});

test('of several near words the nearest wins, and the first of equals', () => {
  expect(nearest('abcd', ['abxx', 'abcx'])).toBe('abcx');
  expect(nearest('abcd', ['abcx', 'abcy'])).toBe('abcx');
});

test('nothing is near when nothing is known', () => {
  expect(nearest('count', [])).toBeUndefined();
});

test.each<[string, readonly string[], string]>([
  ['evry', WORDS, 'did you mean every? known: condition, window, group_by, count, every'],
  ['receiver', WORDS, 'known: condition, window, group_by, count, every'],
  ['receiver', [], 'there are none'],
  [
    'n7x',
    Array.from({ length: 25 }, (_, index) => `n${index}`),
    `did you mean n7? known: ${Array.from({ length: 20 }, (_, index) => `n${index}`).join(', ')} and 5 more`,
  ],
])('instead of %s there are names', (word, known, step) => {
  expect(namesInstead(word, known)).toBe(step);
});
