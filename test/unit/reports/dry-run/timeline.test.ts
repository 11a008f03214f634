import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReportedStatus, RuleStory, StatusChange } from '../../../../src/backtest/rule-story.ts';
import { episodesOf, longestOf, stretchesOf, tally } from '../../../../src/reports/dry-run/episodes.ts';
import { timeline } from '../../../../src/reports/dry-run/timeline.ts';
import { quietStory } from '../../../support/backtest/quiet-story.ts';

const RANGE = { from: 0, to: 100 };
/** Room for a name of two columns and a lane of 20: one column is 5 ms. */
const LOOK = { color: false, columns: 25 };

const story = (
  changes: readonly (readonly [number, ReportedStatus, ReportedStatus, string?])[],
  more: Partial<RuleStory> = {},
): RuleStory =>
  quietStory({
    ...{ id: 'ab', name: 'ab' },
    transitions: changes.map(
      ([at, from, to, group = 'a']): StatusChange => ({
        at,
        from,
        to,
        group: { group },
        reason: 'breach',
        severity: 'warning',
        values: {},
      }),
    ),
    ...more,
  });

const evaluation = (one: RuleStory) => timeline([one], RANGE, LOOK).split('\n')[0]?.slice('ab │'.length);

describe('the lane of a rule', () => {
  test.each([
    ['nothing happens', story([]), '····················'],
    [
      'inactive => pending => firing => recovering => inactive',
      story([
        [10, 'inactive', 'pending'],
        [20, 'pending', 'firing'],
        [60, 'firing', 'recovering'],
        [80, 'recovering', 'inactive'],
      ]),
      '··▒▒████████▄▄▄▄····',
    ],
    ['still firing at the end', story([[50, 'inactive', 'firing']]), '··········██████████'],
    [
      'flapping, whatever it does meanwhile',
      story(
        [
          [20, 'inactive', 'firing'],
          [30, 'firing', 'inactive'],
          [40, 'inactive', 'firing'],
          [45, 'firing', 'inactive'],
        ],
        { flapping: [{ group: { group: 'a' }, from: 40, to: 80, firesOn: false, episodes: 2 }] },
      ),
      '····██··▚▚▚▚▚▚▚▚····',
    ],
    [
      'a moment is seen all the same',
      story([
        [50, 'inactive', 'firing'],
        [51, 'firing', 'inactive'],
      ]),
      '··········█·········',
    ],
    [
      'the worst of several groups is shown',
      story([
        [0, 'inactive', 'pending', 'a'],
        [50, 'inactive', 'firing', 'b'],
        [60, 'firing', 'inactive', 'b'],
      ]),
      '▒▒▒▒▒▒▒▒▒▒██▒▒▒▒▒▒▒▒',
    ],
    [
      'fires from before the beginning',
      story([[25, 'firing', 'inactive']], { standing: [{ group: { group: 'a' }, status: 'firing', since: -50 }] }),
      '█████···············',
    ],
    ['a gap is no quiet time', story([], { gaps: [{ from: 20, to: 40 }] }), '····××××············'],
    ['nothing could be evaluated', story([], { failed: 10 }), '××××××××××××××××××××'],
  ])('%s', (_name, one, shown) => {
    expect(evaluation(one)).toBe(shown);
  });

  test.each([
    ['a day', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '00:00     06:00     12:00     18:00'],
    ['an odd hour', '2026-01-01T10:07:00Z', '2026-01-01T11:07:00Z', '     10:15     10:30     10:45     11:00'],
    ['a week', '2026-01-01T00:00:00Z', '2026-01-08T00:00:00Z', '01-01      01-03      01-05       01-07'],
    ['a year', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', '            2026-04-23'],
  ])('the axis has round times, each where it is: %s', (_name, from, to, shown) => {
    const [, axis] = timeline([story([])], { from: Date.parse(from), to: Date.parse(to) }, { color: false, columns: 45 }).split(
      '\n',
    );
    expect(axis?.slice(4)).toBe(shown);
  });
});

describe('episodes', () => {
  test('begin with firing, outlast recovering, and end with inactive', () => {
    const one = story([
      [10, 'pending', 'firing'],
      [20, 'firing', 'recovering'],
      [25, 'recovering', 'firing'],
      [40, 'firing', 'inactive'],
      [70, 'inactive', 'firing'],
    ]);
    expect(episodesOf(one, 100)).toEqual([
      { group: 'a', from: 10, to: 40, open: false },
      { group: 'a', from: 70, to: 100, open: true },
    ]);
    expect(longestOf(episodesOf(one, 100))).toEqual({ duration: 30, open: false });
  });

  test('pending alone is no episode', () => {
    const one = story([
      [10, 'inactive', 'pending'],
      [20, 'pending', 'inactive'],
    ]);
    expect(episodesOf(one, 100)).toEqual([]);
    expect(longestOf([])).toBeUndefined();
  });

  test('stretches of a group never overlap, whatever it goes through', () => {
    const statuses: readonly ReportedStatus[] = ['inactive', 'pending', 'firing', 'recovering'];
    const walk = fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom(...statuses)), { maxLength: 20 });
    fc.assert(
      fc.property(walk, (steps) => {
        const sorted = [...steps].sort(([a], [b]) => a - b);
        const changes = sorted.map(([at, to], index) => [at, sorted[index - 1]?.[1] ?? 'inactive', to] as const);
        const stretches = stretchesOf(story(changes), RANGE);
        for (const [index, stretch] of stretches.entries()) {
          expect(stretch.from).toBeGreaterThanOrEqual(stretches[index - 1]?.to ?? 0);
          expect(stretch.to).toBeLessThanOrEqual(RANGE.to);
        }
      }),
    );
  });

  test('the most frequent comes first', () => {
    expect(tally(['b', 'a', 'c', 'b'])).toEqual([
      ['b', 2],
      ['a', 1],
      ['c', 1],
    ]);
  });
});
