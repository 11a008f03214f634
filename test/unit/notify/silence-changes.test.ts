import { describe, expect, test } from 'vitest';
import {
  expireSilence,
  extendSilence,
  newSilence,
  type SilenceAsked,
  type SilenceChange,
  silenceState,
} from '../../../src/notify/silence-changes.ts';
import type { Silence } from '../../../src/notify/silences.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 10, 12);
const asked: SilenceAsked = {
  matchers: [{ label: 'team', op: '=', value: 'shop' }],
  starts_at: NOON,
  ends_at: NOON + 2 * HOUR,
  created_by: 'kim',
  comment: 'upgrade',
};
const silence: Silence = { v: 1, id: 's', ...asked };

function problem(change: SilenceChange): string {
  return change.ok ? 'none' : change.message;
}

describe('a new silence', () => {
  test('holds what was asked for, and when it was made', () => {
    expect(newSilence('s', { ...asked, link: 'https://tickets.example/42' }, NOON)).toEqual({
      ok: true,
      silence: { ...silence, link: 'https://tickets.example/42', created_at: NOON },
    });
  });

  test.each<[what: string, change: Partial<SilenceAsked>, message: RegExp]>([
    ['without matchers', { matchers: [] }, /at least one matcher/],
    ['of everything', { matchers: [{ label: 'team', op: '=~', value: '.*' }] }, /could suppress every alert/],
    ['of what has no team', { matchers: [{ label: 'team', op: '=', value: '' }] }, /could suppress every alert/],
    ['with a broken expression', { matchers: [{ label: 'team', op: '=~', value: '(' }] }, /expression of team cannot be read/],
    ['of more matchers than anyone writes', { matchers: Array(101).fill(asked.matchers[0]) }, /at most 100 matchers/],
    ['that ends before it begins', { starts_at: NOON + 3 * HOUR }, /ends before it starts/],
    ['that is over already', { starts_at: NOON - 2 * HOUR, ends_at: NOON }, /end in the past/],
    ['for more than a year', { ends_at: NOON + 367 * 24 * HOUR }, /longer than a year/],
    ['without a reason', { comment: '  ' }, /needs a reason/],
    ['without an author', { created_by: '' }, /needs an author/],
    ['with a book as its reason', { comment: 'x'.repeat(2_001) }, /at most 2000 characters/],
    ['with a link that runs code', { link: 'javascript:alert(1)' }, /invalid link/],
    ['with a link that is none', { link: 'ticket 42' }, /invalid link/],
  ])('%s is refused', (_what, change, message) => {
    const made = newSilence('s', { ...asked, ...change }, NOON);
    expect(problem(made)).toMatch(message);
    expect(made).toMatchObject({ ok: false, hint: expect.stringMatching(/\w/) });
  });
});

describe('a change', () => {
  test('to expired ends it now, and makes it nothing that suppresses', () => {
    const expired = expireSilence(silence, NOON + HOUR);
    expect(expired).toEqual({ ok: true, silence: { ...silence, ends_at: NOON + HOUR, updated_at: NOON + HOUR } });
    expect(expired.ok && silenceState(expired.silence, NOON + HOUR)).toBe('expired');
  });

  test('to expired before it has begun leaves a silence that never begins', () => {
    const expired = expireSilence(silence, NOON - HOUR);
    expect(expired).toMatchObject({ ok: true, silence: { starts_at: NOON - HOUR - 1, ends_at: NOON - HOUR } });
  });

  test('of its end moves it either way, to a time to come', () => {
    expect(extendSilence(silence, NOON + 9 * HOUR, NOON)).toMatchObject({ ok: true, silence: { ends_at: NOON + 9 * HOUR } });
    expect(extendSilence(silence, NOON + HOUR, NOON)).toMatchObject({ ok: true, silence: { ends_at: NOON + HOUR } });
    expect(problem(extendSilence(silence, NOON, NOON + 1))).toMatch(/ends before it starts/);
    expect(problem(extendSilence(silence, NOON + 1, NOON + HOUR))).toMatch(/end in the past/);
    expect(problem(extendSilence(silence, NOON + 400 * 24 * HOUR, NOON))).toMatch(/longer than a year/);
  });

  test('of one that has expired is refused', () => {
    expect(problem(extendSilence(silence, NOON + 9 * HOUR, NOON + 2 * HOUR))).toMatch(/has expired/);
    expect(problem(expireSilence(silence, NOON + 2 * HOUR))).toMatch(/expired already/);
  });
});
