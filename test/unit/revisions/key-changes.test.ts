import { expect, test } from 'vitest';
import { keyChanges } from '../../../src/revisions/key-changes.ts';

const level = (severity: string, condition: string) => ({ severity, condition });

test.each([
  ['a value', { window: '5m' }, { window: '1m' }, [{ path: 'window', before: '5m', after: '1m' }]],
  [
    'one level of several',
    { levels: [level('critical', 'count >= 20'), level('warning', 'count >= 5')] },
    { levels: [level('critical', 'count >= 20'), level('warning', 'count >= 12')] },
    [{ path: 'levels[1].condition', before: 'count >= 5', after: 'count >= 12' }],
  ],
  [
    'a level more, as a whole: which one is new is not known',
    { levels: [level('critical', 'a > 2')] },
    { levels: [level('critical', 'a > 2'), level('warning', 'a > 1')] },
    [
      {
        path: 'levels',
        before: [level('critical', 'a > 2')],
        after: [level('critical', 'a > 2'), level('warning', 'a > 1')],
      },
    ],
  ],
  [
    'a list of texts, as a whole',
    { index: ['a', 'b'] },
    { index: ['a', 'c'] },
    [{ path: 'index', before: ['a', 'b'], after: ['a', 'c'] }],
  ],
  ['a key more', { labels: {} }, { labels: { team: 'shop' } }, [{ path: 'labels.team', before: undefined, after: 'shop' }]],
  ['nothing', { a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }, []],
])('%s', (_what, before, after, changes) => {
  expect(keyChanges(before, after)).toEqual(changes);
});
