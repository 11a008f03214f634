import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dialectIn, dialectOf, withoutFieldNames } from '../../support/docs/dialect.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
describe('words that ARCHITECTURE.md has another word for', () => {
  test('are in no file', () => expect(dialectIn(ROOT)).toEqual({}));

  test('are found in names and in texts', () => {
    expect(dialectOf('const judgedThrough = told; // Somebody owes it; a heartbeat')).toEqual({
      judged: 1,
      owes: 1,
      somebody: 1,
      told: 1,
    });
  });

  test('are not seen in names of fields of rules', () => {
    expect(dialectOf(withoutFieldNames('by: beat.stats.info.ephemeral_id # a beat'))).toEqual({ beat: 1 });
  });

  test.each([
    ['The cloud id is none.', { 'is none': 1 }],
    ['this is no mapping, and a link is no file', { 'is no': 2 }],
    ['a key stands twice; it was learned without a word, for ever', { stands: 1, 'without a word': 1, 'for ever': 1 }],
    ['it bears its old id, which would be dear', { bears: 1, dear: 1 }],
    [
      'What became of it: handed on, once more, the worst first.',
      { 'became of': 1, 'hand on': 1, 'once more': 1, 'the worst first': 1 },
    ],
    ['An index that is not there, a pod that is gone, an alert that is over.', { 'is gone': 1, 'is not there': 1, 'is over': 1 }],
    [
      '30s unless given; for want of data; it knows nothing of it',
      { 'for want of': 1, 'knows nothing of': 1, 'unless given': 1 },
    ],
  ])('are found as phrases: %s', (text, found) => expect(dialectOf(text)).toEqual(found));

  test.each([
    'no_data: `none`; there is none; there are no rules; it is no longer there',
    'a stand-in for APM Server, standalone, `...` stands for all labels, and it stands out',
    'bearer_token, forever, nobodies',
    'what is over the limit, the rest is over a gigabyte; on the one hand, on the other; heartbeats',
  ])('are not seen in: %s', (text) => expect(dialectOf(text)).toEqual({}));
});
