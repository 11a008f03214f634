import { describe, expect, test } from 'vitest';
import type { Lifecycle } from '../../../src/alerts/lifecycle.ts';
import { lifecycle, MINUTE, spelled, timeline } from './story.ts';

type Row = readonly [name: string, changes: Partial<Lifecycle>, findings: string, expected: string];

const all: Row[] = [];

const FOR: Partial<Lifecycle> = { for: 2 * MINUTE };
const KEEP: Partial<Lifecycle> = { keepFiringFor: 2 * MINUTE };
/** Absent counts from the second absent minute on: the group was present at the tick before the first. */
const AFTER = 2 * MINUTE;

table('inactive', [
  ['inactive => breach => firing when `for` is 0', {}, 'breach', 'firing(breach)'],
  ['inactive => breach => pending when there is a `for`', FOR, 'breach', 'pending(breach)'],
  ['inactive => between => inactive', {}, 'between', 'inactive'],
  ['inactive => clear => inactive', {}, 'clear', 'inactive'],
  ['inactive => absent => inactive', {}, 'clear absent×9', 'inactive×10'],
  ['inactive => absent, no_data: keep => inactive', { noData: 'keep', noDataAfter: AFTER }, 'clear absent×3', 'inactive×4'],
  [
    'inactive => absent, no_data: alert => firing after no_data_after',
    { noData: 'alert', noDataAfter: AFTER },
    'clear absent×3',
    'inactive×2 firing(no_data) firing',
  ],
  [
    'inactive => absent, no_data: alert with a `for` => pending after no_data_after',
    { ...FOR, noData: 'alert', noDataAfter: AFTER },
    'clear absent×5',
    'inactive×2 pending(no_data) pending firing(no_data) firing',
  ],
  [
    'inactive => absent from the first tick, no_data: alert => counted from there',
    { noData: 'alert', noDataAfter: AFTER },
    'absent×3',
    'inactive×2 firing(no_data)',
  ],
  ['inactive => unknown => inactive', {}, 'clear unknown', 'inactive×2'],
]);

table('pending', [
  ['pending => breach => pending before `for`', FOR, 'breach×2', 'pending(breach) pending'],
  ['pending => breach => firing at `for`', FOR, 'breach×3', 'pending(breach) pending firing(breach)'],
  ['pending => between => pending', FOR, 'breach between', 'pending(breach) pending'],
  [
    'pending => between after `for` => pending, and firing at the next breach',
    FOR,
    'breach between×3 breach',
    'pending(breach) pending×3 firing(breach)',
  ],
  ['pending => clear => inactive', FOR, 'breach clear', 'pending(breach) dropped(clear)'],
  ['pending => absent => inactive', FOR, 'breach absent', 'pending(breach) dropped(absent)'],
  [
    'pending => absent, no_data: keep => inactive',
    { ...FOR, noData: 'keep' },
    'breach absent',
    'pending(breach) dropped(absent)',
  ],
  [
    'pending => absent, no_data: alert => inactive before no_data_after',
    { ...FOR, noData: 'alert', noDataAfter: AFTER },
    'breach absent',
    'pending(breach) dropped(absent)',
  ],
  [
    'pending => absent, no_data: alert => as breach after no_data_after',
    { ...FOR, noData: 'alert', noDataAfter: MINUTE },
    'breach absent×2',
    'pending(breach) pending firing(no_data)',
  ],
  ['pending => unknown => pending', FOR, 'breach unknown', 'pending(breach) pending'],
  [
    'pending => unknown => firing at the breach that is at `for`',
    FOR,
    'breach unknown breach',
    'pending(breach) pending firing(breach)',
  ],
]);

table('what happened again', [
  ['it begins like any breach', FOR, 'again×2', 'pending(breach) pending'],
  [
    'while firing it is an episode of its own',
    {},
    'again×2 breach clear',
    'firing(breach) resolved(again)+firing(breach) firing resolved(recovered)',
  ],
  [
    'while firing with a `for` it fires at once',
    FOR,
    'again×4',
    'pending(breach) pending firing(breach) resolved(again)+firing(breach)',
  ],
  [
    'while recovering it is one too',
    KEEP,
    'again clear again',
    'firing(breach) recovering(clear) resolved(again)+firing(breach)',
  ],
  [
    'it has its own level, whatever the level before',
    { levels: ['critical', 'warning'], keepFiringFor: 2 * MINUTE },
    'again@critical again@warning again@critical',
    'firing(breach)@critical resolved(again)@critical+firing(breach)@warning resolved(again)@warning+firing(breach)@critical',
  ],
]);

table('firing', [
  ['firing => breach => firing', {}, 'breach×3', 'firing(breach) firing×2'],
  ['firing => between => firing', {}, 'breach between×9', 'firing(breach) firing×9'],
  ['firing => clear => resolved when keep_firing_for is 0', {}, 'breach clear', 'firing(breach) resolved(recovered)'],
  ['firing => clear => recovering when there is a keep_firing_for', KEEP, 'breach clear', 'firing(breach) recovering(clear)'],
  ['firing => absent => firing before no_data_after', { noDataAfter: AFTER }, 'breach absent', 'firing(breach) firing'],
  [
    'firing => absent, no_data: resolve => resolved after no_data_after',
    { noDataAfter: AFTER },
    'breach absent×2',
    'firing(breach) firing resolved(no_data)',
  ],
  [
    'firing => absent, no_data: keep => firing',
    { noData: 'keep', noDataAfter: AFTER },
    'breach absent×9',
    'firing(breach) firing×9',
  ],
  [
    'firing => absent, no_data: alert => firing',
    { noData: 'alert', noDataAfter: AFTER },
    'breach absent×9',
    'firing(breach) firing×9',
  ],
  [
    'firing => present for a moment => no_data_after starts over',
    { noDataAfter: AFTER },
    'breach absent between absent×2',
    'firing(breach) firing×3 resolved(no_data)',
  ],
  ['firing => unknown => firing', {}, 'breach unknown×9', 'firing(breach) firing×9'],
  [
    'firing => unknown with documents => no_data_after starts over',
    { noDataAfter: AFTER },
    'breach absent unknown absent×2',
    'firing(breach) firing×3 resolved(no_data)',
  ],
]);

table('recovering', [
  ['recovering => breach => firing, queued', KEEP, 'breach clear breach', 'firing(breach) recovering(clear) refiring(breach)'],
  ['recovering => between => recovering', KEEP, 'breach clear between×5', 'firing(breach) recovering(clear) recovering×5'],
  [
    'recovering => clear => recovering before keep_firing_for',
    KEEP,
    'breach clear×2',
    'firing(breach) recovering(clear) recovering',
  ],
  [
    'recovering => clear => resolved at keep_firing_for',
    KEEP,
    'breach clear×3',
    'firing(breach) recovering(clear) recovering resolved(recovered)',
  ],
  [
    'recovering => absent => recovering before no_data_after',
    KEEP,
    'breach clear absent×4',
    'firing(breach) recovering(clear) recovering×4',
  ],
  [
    'recovering => absent, no_data: resolve => resolved after no_data_after',
    { ...KEEP, noDataAfter: AFTER },
    'breach clear absent×2',
    'firing(breach) recovering(clear) recovering resolved(no_data)',
  ],
  [
    'recovering => absent, no_data: keep => recovering',
    { ...KEEP, noData: 'keep', noDataAfter: AFTER },
    'breach clear absent×9',
    'firing(breach) recovering(clear) recovering×9',
  ],
  [
    'recovering => absent, no_data: alert => firing after no_data_after',
    { ...KEEP, noData: 'alert', noDataAfter: AFTER },
    'breach clear absent×3',
    'firing(breach) recovering(clear) recovering refiring(no_data) firing',
  ],
  ['recovering => unknown => recovering', KEEP, 'breach clear unknown×9', 'firing(breach) recovering(clear) recovering×9'],
  [
    'recovering => between => the first clear counts on',
    KEEP,
    'breach clear between clear',
    'firing(breach) recovering(clear) recovering resolved(recovered)',
  ],
  [
    'recovering => absent => the first clear counts on',
    KEEP,
    'breach clear absent clear',
    'firing(breach) recovering(clear) recovering resolved(recovered)',
  ],
  [
    'recovering => unknown => the first clear counts on',
    KEEP,
    'breach clear unknown clear',
    'firing(breach) recovering(clear) recovering resolved(recovered)',
  ],
  [
    'recovering => breach => keep_firing_for starts over at the next clear',
    KEEP,
    'breach clear breach clear×3',
    'firing(breach) recovering(clear) refiring(breach) recovering(clear) recovering resolved(recovered)',
  ],
]);

table('after its end', [
  ['resolved => breach => fires again', {}, 'breach clear breach', 'firing(breach) resolved(recovered) firing(breach)'],
  [
    'resolved => breach => `for` starts over',
    FOR,
    'breach×3 clear breach',
    'pending(breach) pending firing(breach) resolved(recovered) pending(breach)',
  ],
  [
    'dropped => breach => `for` starts over',
    FOR,
    'breach×2 clear breach×3',
    'pending(breach) pending dropped(clear) pending(breach) pending firing(breach)',
  ],
  [
    'resolved for no data => absent => inactive',
    { noDataAfter: AFTER },
    'breach absent×3',
    'firing(breach) firing resolved(no_data) inactive',
  ],
  [
    'fired for no data => clear => resolved',
    { noData: 'alert', noDataAfter: AFTER },
    'clear absent×2 clear absent×2',
    'inactive×2 firing(no_data) resolved(recovered) inactive firing(no_data)',
  ],
]);

describe('the table', () => {
  const statuses = ['inactive', 'pending', 'firing', 'recovering'];
  const findings = ['breach', 'between', 'clear', 'absent', 'unknown'];
  const cells = statuses.flatMap((status) => findings.map((finding) => `${status} => ${finding}`));
  const absences = ['resolve', 'keep', 'alert'].map((noData) => `no_data: ${noData}`);

  test.each(cells)('%s has a row', (cell) => {
    expect(all.some(([name]) => name === cell || name.startsWith(`${cell} `) || name.startsWith(`${cell},`))).toBe(true);
  });

  test.each(['firing', 'recovering'].flatMap((status) => absences.map((noData) => `${status} => absent, ${noData}`)))(
    '%s has a row',
    (cell) => expect(all.some(([name]) => name.startsWith(cell))).toBe(true),
  );
});

function table(name: string, rows: readonly Row[]): void {
  all.push(...rows);
  describe(name, () => {
    test.each(rows)('%s', check);
  });
}

function check(_name: string, changes: Partial<Lifecycle>, findings: string, expected: string): void {
  expect(timeline(lifecycle(changes), findings)).toBe(spelled(expected));
}
