import { describe, expect, test } from 'vitest';
import type { AlertState } from '../../../src/alerts/alert-state.ts';
import { isKnown } from '../../../src/alerts/memory.ts';
import { lifecycle, START } from './story.ts';

const STATE: AlertState = { group: { host: 'a' }, status: 'firing', since: START, last_present: START };

describe('a group without a document is asked for', () => {
  test.each([
    ['while its alert lives', 'pending', 'resolve', true],
    ['when its absence is an alert', 'inactive', 'alert', true],
    ['not when it is only remembered as no longer new', 'inactive', 'resolve', false],
  ] as const)('%s', (_name, status, noData, known) => {
    expect(isKnown({ ...STATE, status }, lifecycle({ noData }))).toBe(known);
  });
});
