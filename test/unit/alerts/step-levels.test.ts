import { describe, expect, test } from 'vitest';
import type { Lifecycle } from '../../../src/alerts/lifecycle.ts';
import { lifecycle, MINUTE, notify, spelled, ticks, timeline } from './story.ts';

type Row = readonly [name: string, changes: Partial<Lifecycle>, findings: string, expected: string];

describe('levels', () => {
  const LEVELS: Partial<Lifecycle> = { levels: ['critical', 'warning', 'info'] };
  const KEEP: Partial<Lifecycle> = { ...LEVELS, keepFiringFor: 2 * MINUTE };
  const [C, W, I] = ['breach@critical', 'breach@warning', 'breach@info'];
  test.each<Row>([
    ['fires with the level of the breach', LEVELS, W, 'firing(breach)@warning'],
    ['up at once', KEEP, `${I} ${C}`, 'firing(breach)@info worse(worse)@critical'],
    ['down at once when keep_firing_for is 0', LEVELS, `${C} ${W}`, 'firing(breach)@critical better(better)@warning'],
    [
      'down only after every finding was below for keep_firing_for',
      KEEP,
      `${C} ${W}×3`,
      'firing(breach)@critical firing×2 better(better)@warning',
    ],
    ['down to the worst of them', KEEP, `${C} ${W} ${I}×2`, 'firing(breach)@critical firing×2 better(better)@warning'],
    [
      'a finding at the present level begins the wait again',
      KEEP,
      `${C} ${W}×2 ${C} ${W}×3`,
      'firing(breach)@critical firing×5 better(better)@warning',
    ],
    [
      'each step down has a wait of its own',
      KEEP,
      `${C} ${W} ${I}×4`,
      'firing(breach)@critical firing×2 better(better)@warning firing better(better)@info',
    ],
    [
      'between is below every level and counts as the mildest',
      KEEP,
      `${C} between×3`,
      'firing(breach)@critical firing×2 better(better)@info',
    ],
    ['at the mildest level nothing is below', KEEP, `${I} between×5`, 'firing(breach)@info firing×5'],
    [
      'an unknown finding was not below',
      KEEP,
      `${C} ${W}×2 unknown ${W}×3`,
      'firing(breach)@critical firing×5 better(better)@warning',
    ],
    ['an absence was not below', KEEP, `${C} ${W}×2 absent ${W}×3`, 'firing(breach)@critical firing×5 better(better)@warning'],
    ['nor was a gap', KEEP, `${C} ${W}×2 failed×2 ${W}×3`, 'firing(breach)@critical firing×4 better(better)@warning'],
    [
      'does not restart `for` when it rises',
      { ...LEVELS, for: 2 * MINUTE },
      `${W}×2 ${C}`,
      'pending(breach)@warning pending firing(breach)@critical',
    ],
    [
      'does not restart `for` when it falls',
      { ...LEVELS, for: 2 * MINUTE },
      `${C}×2 ${W}`,
      'pending(breach)@critical pending firing(breach)@warning',
    ],
    [
      'recovering => firing at the same level: queued',
      KEEP,
      `${W} clear ${W}`,
      'firing(breach)@warning recovering(clear)@warning refiring(breach)@warning',
    ],
    [
      'recovering => firing at a worse level: notified as worse',
      KEEP,
      `${W} clear ${C}`,
      'firing(breach)@warning recovering(clear)@warning worse(breach)@critical',
    ],
    [
      'recovering => firing at a lower level: queued, and the level stays',
      KEEP,
      `${C} clear ${W}`,
      'firing(breach)@critical recovering(clear)@critical refiring(breach)@critical',
    ],
    [
      'recovering => firing at a lower level after keep_firing_for: better',
      KEEP,
      `${C} ${W} clear ${W}`,
      'firing(breach)@critical firing recovering(clear)@critical refiring(breach)@critical+better(better)@warning',
    ],
    [
      'recovering => long between: better',
      KEEP,
      `${C} clear between×2`,
      'firing(breach)@critical recovering(clear)@critical recovering better(better)@info',
    ],
    [
      'recovering: the level stays while the finding is clear, however long it was below',
      KEEP,
      `${C} ${W} clear×3`,
      'firing(breach)@critical firing recovering(clear)@critical recovering resolved(recovered)@critical',
    ],
    [
      'recovering => firing at a lower level: what was clear counts for the run',
      KEEP,
      `${C} ${W} clear×2 ${W}`,
      'firing(breach)@critical firing recovering(clear)@critical recovering refiring(breach)@critical+better(better)@warning',
    ],
    ['resolved keeps the last level', LEVELS, `${C} clear`, 'firing(breach)@critical resolved(recovered)@critical'],
    [
      'an episode does not inherit the level of the last',
      LEVELS,
      `${C} clear ${I}`,
      'firing(breach)@critical resolved(recovered)@critical firing(breach)@info',
    ],
    [
      'no data with nothing known fires at the worst level',
      { ...LEVELS, noData: 'alert', noDataAfter: MINUTE },
      'clear absent',
      'inactive firing(no_data)@critical',
    ],
    [
      'no data keeps the level of what fires',
      { ...LEVELS, noData: 'alert', noDataAfter: MINUTE },
      `${I} absent×3`,
      'firing(breach)@info firing×3',
    ],
    [
      'a level that the rule has no more is left at the next breach',
      { levels: ['high', 'low'] },
      `${C} breach@low`,
      'firing(breach)@critical worse(worse)@low',
    ],
    ['a rule that gets levels tells the first', LEVELS, `breach ${W}`, 'firing(breach) worse(worse)@warning'],
  ])('%s', check);

  test('transitions say which level was left', () => {
    const [, up, , , down] = notify(lifecycle(KEEP), ticks(`${W} ${C} ${W}×3`)).map(({ transitions }) => transitions[0]);
    expect([up?.previousLevel, down?.previousLevel]).toEqual(['warning', 'critical']);
  });
});

function check(_name: string, changes: Partial<Lifecycle>, findings: string, expected: string): void {
  expect(timeline(lifecycle(changes), findings)).toBe(spelled(expected));
}
