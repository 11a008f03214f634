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
