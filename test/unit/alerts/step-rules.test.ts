import { describe, expect, test } from 'vitest';
import { alertId, episodeId } from '../../../src/alerts/alert-id.ts';
import type { AlertState } from '../../../src/alerts/alert-state.ts';
import type { Lifecycle } from '../../../src/alerts/lifecycle.ts';
import { endAlert } from '../../../src/alerts/step.ts';
import { lifecycle, MINUTE, notify, START, spelled, ticks, timeline } from './story.ts';

type Row = readonly [name: string, changes: Partial<Lifecycle>, findings: string, expected: string];

describe('for: {breaches, of}', () => {
  const COUNTED: Partial<Lifecycle> = { for: { breaches: 3, of: 5 } };
  test.each<Row>([
    ['fires at the third breach of five', COUNTED, 'breach×3', 'pending(breach) pending firing(breach)'],
    [
      'fires over clears, betweens and absences in between',
      COUNTED,
      'breach clear between breach breach',
      'pending(breach) pending×3 firing(breach)',
    ],
    ['counts an absence as no breach', COUNTED, 'breach absent breach breach', 'pending(breach) pending×2 firing(breach)'],
    [
      'forgets the breach that is sixth from the end',
      COUNTED,
      'breach clear×3 breach breach breach',
      'pending(breach) pending×5 firing(breach)',
    ],
    ['ends when none of the last five is a breach', COUNTED, 'breach clear×5', 'pending(breach) pending×4 dropped(clear)'],
    ['ends with betweens alone as with clears', COUNTED, 'breach between×5', 'pending(breach) pending×4 dropped(clear)'],
    ['ends with absences as absent', COUNTED, 'breach absent×5', 'pending(breach) pending×4 dropped(absent)'],
    ['passes unknown findings over', COUNTED, 'breach unknown breach unknown breach', 'pending(breach) pending×3 firing(breach)'],
    ['fires at once when one breach is enough', { for: { breaches: 1, of: 5 } }, 'breach', 'firing(breach)'],
    [
      'counts again after the end of an episode',
      COUNTED,
      'breach×3 clear breach breach',
      'pending(breach) pending firing(breach) resolved(recovered) pending(breach) pending',
    ],
    [
      'counts an absence that is a breach',
      { for: { breaches: 2, of: 3 }, noData: 'alert', noDataAfter: MINUTE },
      'clear absent×2',
      'inactive pending(no_data) firing(no_data)',
    ],
    ['is as long as its findings for the gap rule', COUNTED, 'breach failed×4 breach', 'pending(breach) pending'],
    [
      'ends after a gap longer than its findings',
      COUNTED,
      'breach failed×5 breach',
      'pending(breach) dropped(gap)+pending(breach)',
    ],
  ])('%s', check);
});

describe('gaps', () => {
  const FOR: Partial<Lifecycle> = { for: 2 * MINUTE };
  const KEEP: Partial<Lifecycle> = { keepFiringFor: 2 * MINUTE };
  test.each<Row>([
    ['pending outlives a gap of max(for, 2 × every)', FOR, 'breach failed breach', 'pending(breach) firing(breach)'],
    [
      'pending => longer gap, breach => pending again',
      FOR,
      'breach failed×2 breach×3',
      'pending(breach) dropped(gap)+pending(breach) pending firing(breach)',
    ],
    ['pending => longer gap, clear => inactive', FOR, 'breach failed×2 clear', 'pending(breach) dropped(gap)'],
    ['pending => longer gap, unknown => inactive', FOR, 'breach failed×2 unknown', 'pending(breach) dropped(gap)'],
    [
      'pending outlives a gap within a long `for`, and what no evaluation saw of it does not count',
      { for: 5 * MINUTE },
      'breach failed×4 breach×5',
      'pending(breach) pending×4 firing(breach)',
    ],
    [
      'what two gaps hid does not count either',
      { for: 4 * MINUTE },
      'breach failed×3 breach failed×3 breach×3',
      'pending(breach) pending×3 firing(breach)',
    ],
    [
      'pending => unknown for longer than the limit => inactive',
      FOR,
      'breach unknown×3 breach',
      'pending(breach) pending×2 dropped(gap) pending(breach)',
    ],
    [
      'unknown findings and failed evaluations add up',
      FOR,
      'breach unknown failed breach',
      'pending(breach) pending dropped(gap)+pending(breach)',
    ],
    [
      'failed evaluations and unknown findings add up',
      FOR,
      'breach failed unknown breach',
      'pending(breach) pending dropped(gap)+pending(breach)',
    ],
    [
      'a known finding in between begins a new run',
      FOR,
      'breach unknown between unknown breach',
      'pending(breach) pending×3 firing(breach)',
    ],
    [
      'recovering => gap, clear => tc begins there',
      KEEP,
      'breach clear failed×2 clear×3',
      'firing(breach) recovering(clear) recovering×2 resolved(recovered)',
    ],
    [
      'recovering => gap, between, clear => tc begins at the clear',
      KEEP,
      'breach clear failed×2 between clear×3',
      'firing(breach) recovering(clear) recovering×3 resolved(recovered)',
    ],
    [
      'recovering => long unknown, clear => tc begins there',
      KEEP,
      'breach clear unknown×2 clear×3',
      'firing(breach) recovering(clear) recovering×4 resolved(recovered)',
    ],
    [
      'recovering outlives a short gap',
      KEEP,
      'breach clear failed clear',
      'firing(breach) recovering(clear) resolved(recovered)',
    ],
    ['firing => gap, clear => recovers as ever', {}, 'breach failed×9 clear', 'firing(breach) resolved(recovered)'],
    [
      'firing => gap, absent => the gap does not count towards no_data_after',
      {},
      'breach failed×9 absent×5',
      'firing(breach) firing×4 resolved(no_data)',
    ],
    [
      'nor towards that of no_data: alert, for a group that was well',
      { noData: 'alert', noDataAfter: 3 * MINUTE },
      'breach clear failed×9 absent×3',
      'firing(breach) resolved(recovered) inactive×2 firing(no_data)',
    ],
    [
      'nor towards forget_after',
      { noData: 'alert', noDataAfter: 3 * MINUTE, forgetAfter: 6 * MINUTE },
      'breach failed×9 absent×6',
      'firing(breach) firing×5 resolved(expired)',
    ],
    [
      'recovering outlives a gap within a long `for`, which does not count towards keep_firing_for',
      { for: { breaches: 1, of: 5 }, keepFiringFor: 4 * MINUTE },
      'breach clear failed×3 clear×4',
      'firing(breach) recovering(clear) recovering×3 resolved(recovered)',
    ],
    [
      'a new group settles while nobody looks: it is the group that needs the time',
      { settle: 5 * MINUTE, noData: 'alert' },
      'breach failed×9 breach',
      'inactive firing(breach)',
    ],
  ])('%s', check);
});

describe('settle', () => {
  const SETTLE: Partial<Lifecycle> = { settle: 2 * MINUTE };
  test.each<Row>([
    ['breaches of a new group do not count', SETTLE, 'breach×2', 'inactive×2'],
    ['a new group fires when its grace is over', SETTLE, 'breach×3', 'inactive×2 firing(breach)'],
    [
      '`for` begins when the grace is over',
      { ...SETTLE, for: 2 * MINUTE },
      'breach×5',
      'inactive×2 pending(breach) pending firing(breach)',
    ],
    ['a group that was clear at first has its grace all the same', SETTLE, 'clear breach breach', 'inactive×2 firing(breach)'],
    [
      'a group has one grace, not one an episode',
      SETTLE,
      'clear×2 breach clear breach',
      'inactive×2 firing(breach) resolved(recovered) firing(breach)',
    ],
    ['a group that was away for a while is not new', SETTLE, 'clear absent×9 breach', 'inactive×10 firing(breach)'],
    [
      'a group that was away for forget_after is new',
      { ...SETTLE, forgetAfter: 3 * MINUTE },
      'clear absent×3 breach×3',
      'inactive×6 firing(breach)',
    ],
    ['no data does not count either', { ...SETTLE, noData: 'alert', noDataAfter: 0 }, 'absent×3', 'inactive×2 firing(no_data)'],
  ])('%s', check);
});

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

describe('what is remembered', () => {
  const ALERT: Partial<Lifecycle> = { noData: 'alert', noDataAfter: MINUTE, forgetAfter: 3 * MINUTE };
  const last = (changes: Partial<Lifecycle>, words: string, group?: AlertState['group']) =>
    notify(lifecycle(changes), ticks(words), group).at(-1)?.state;

  test.each<Row>([
    ['firing => absent for forget_after => expired', ALERT, 'breach absent×3', 'firing(breach) firing×2 resolved(expired)'],
    [
      'recovering => absent for forget_after => expired',
      { ...ALERT, keepFiringFor: 9 * MINUTE, noDataAfter: 5 * MINUTE },
      'breach clear absent×3',
      'firing(breach) recovering(clear) recovering×2 resolved(expired)',
    ],
    [
      'pending => absent for forget_after => dropped',
      { ...ALERT, for: 9 * MINUTE },
      'breach absent×3',
      'pending(breach) pending×2 dropped(expired)',
    ],
    ['no_data: keep never forgets what fires', { ...ALERT, noData: 'keep' }, 'breach absent×9', 'firing(breach) firing×9'],
  ])('%s', check);

  test('without group_by no absence is forgotten', () => {
    expect(timeline(lifecycle(ALERT), 'breach absent×9', {})).toBe(spelled('firing(breach) firing×9'));
    const settling = lifecycle({ settle: MINUTE, forgetAfter: 3 * MINUTE });
    expect(timeline(settling, 'clear absent×9 breach', {})).toBe(spelled('inactive×10 firing(breach)'));
  });

  test('an inactive alert has no state', () => {
    expect(last({}, 'clear')).toBeUndefined();
    expect(last({}, 'breach clear')).toBeUndefined();
  });

  test('no_data: alert remembers an inactive group and when it was present', () => {
    expect(last(ALERT, 'clear×2')).toEqual({
      group: { 'host.name': 'node-1' },
      status: 'inactive',
      since: START,
      last_present: START + MINUTE,
    });
  });

  test('no_data: alert forgets an inactive group after forget_after', () => {
    expect(last({ ...ALERT, noDataAfter: 5 * MINUTE }, 'clear absent×2')).toBeDefined();
    expect(last({ ...ALERT, noDataAfter: 5 * MINUTE }, 'clear absent×3')).toBeUndefined();
  });

  test('nothing of an episode outlives it', () => {
    expect(last({ ...ALERT, levels: ['critical', 'warning'] }, 'breach@critical clear')).toEqual({
      group: { 'host.name': 'node-1' },
      status: 'inactive',
      since: START + MINUTE,
      last_present: START + MINUTE,
    });
  });

  test('a firing alert says since when, and bears the id of its episode', () => {
    const [pending, , firing] = notify(lifecycle({ for: 2 * MINUTE }), ticks('breach×3'));
    const at = START + 2 * MINUTE;
    expect(pending?.state).toMatchObject({ status: 'pending', since: START });
    expect(firing?.state).toMatchObject({ status: 'firing', since: at, started: at, last_present: at });
    const episode = episodeId(alertId('default', 'rule', { 'host.name': 'node-1' }), at);
    expect([firing?.state?.episode, firing?.transitions[0]?.episode]).toEqual([episode, episode]);
  });
});

describe('ended from outside', () => {
  const stateAfter = (changes: Partial<Lifecycle>, words: string) => notify(lifecycle(changes), ticks(words)).at(-1)?.state;
  const at = START + 60 * MINUTE;

  test.each([
    ['firing => resolved', {}, 'breach@critical', 'resolved', 'firing'],
    ['recovering => resolved', { keepFiringFor: MINUTE }, 'breach@critical clear', 'resolved', 'recovering'],
    ['pending => dropped', { for: MINUTE }, 'breach@critical', 'dropped', 'pending'],
  ] as const)('%s, with the reason and the last level', (_name, changes, words, kind, from) => {
    const state = stateAfter(changes, words);
    const { transitions, state: rest } = endAlert(state, at, 'rule_removed');
    const episode = kind === 'resolved' ? { episode: state?.episode } : {};
    expect(transitions).toEqual([{ kind, from, to: 'inactive', reason: 'rule_removed', at, level: 'critical', ...episode }]);
    expect(rest).toBeUndefined();
  });

  test('inactive => forgotten without a word', () => {
    expect(endAlert(stateAfter({ noData: 'alert' }, 'clear'), at, 'rule_changed')).toEqual({ state: undefined, transitions: [] });
    expect(endAlert(undefined, at, 'expired')).toEqual({ state: undefined, transitions: [] });
  });
});

function check(_name: string, changes: Partial<Lifecycle>, findings: string, expected: string): void {
  expect(timeline(lifecycle(changes), findings)).toBe(spelled(expected));
}
