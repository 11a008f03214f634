import { describe, expect, test } from 'vitest';
import type { AlertState } from '../../../src/alerts/alert-state.ts';
import { isKnown, isWorthSaving } from '../../../src/alerts/memory.ts';
import { lifecycle, START } from './story.ts';

const STATE: AlertState = { group: { host: 'a' }, status: 'firing', since: START, last_present: START };

describe('a step is worth a write', () => {
  test.each<readonly [name: string, before: AlertState | undefined, after: AlertState | undefined, worth: boolean]>([
    ['not when nothing changed', STATE, { ...STATE, group: { host: 'a' } }, false],
    ['not when the group was present again', STATE, { ...STATE, last_present: START + 1 }, false],
    ['not when there is nothing', undefined, undefined, false],
    ['when the status changed', STATE, { ...STATE, status: 'recovering' }, true],
    ['when the findings counted for `for` changed', { ...STATE, recent: '1' }, { ...STATE, recent: '10' }, true],
    ['when a state begins', undefined, STATE, true],
    ['when a state ends', STATE, undefined, true],
  ])('%s', (_name, before, after, worth) => {
    expect(isWorthSaving(before, after)).toBe(worth);
  });
});

describe('a group without a document is asked for', () => {
  test.each([
    ['while its alert lives', 'pending', 'resolve', true],
    ['when its absence is an alert', 'inactive', 'alert', true],
    ['not when it is only remembered as no longer new', 'inactive', 'resolve', false],
  ] as const)('%s', (_name, status, noData, known) => {
    expect(isKnown({ ...STATE, status }, lifecycle({ noData }))).toBe(known);
  });
});
