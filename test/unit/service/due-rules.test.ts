import { describe, expect, it } from 'vitest';
import type { TurnLog } from '../../../src/engine/turn-log.ts';
import type { Run } from '../../../src/evaluation/run.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import {
  calmAfter,
  dueAgain,
  dueRules,
  fitTimings,
  isCalm,
  nextTiming,
  type RuleTiming,
} from '../../../src/service/scheduler/due-rules.ts';
import { testRule } from '../../support/engine/test-rule.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const rule = testRule({ name: 'boom' });
const spread = 700;
const spreads = new Map([
  ['boom', spread],
  ['other', spread],
]);
const idle: ReadonlySet<string> = new Set();

describe('which rules are due', () => {
  const timings = (timing: Partial<RuleTiming>) =>
    new Map([['boom', { schedule: rule.schedule, since: NOON - MINUTE, due: NOON, ...timing }]]);

  it.each([
    ['a rule before its poll is not', timings({ due: NOON + 1 }), []],
    ['a rule at its poll is', timings({ due: NOON }), ['boom']],
    ['a rule whose poll is long over still is: nothing outstanding is dropped', timings({ due: NOON - 3 * MINUTE }), ['boom']],
    ['a rule that nobody has planned is', new Map<string, RuleTiming>(), ['boom']],
    [
      'every rule is when the clock was set back behind the planning',
      timings({ since: NOON + 1, due: NOON + 60 * MINUTE }),
      ['boom'],
    ],
  ])('%s', (_name, planned, due) => {
    expect(dueRules([rule], planned, idle, NOON).due.map(({ id }) => id)).toEqual(due);
  });

  it('a rule that is still evaluated waits, and is named', () => {
    const { due, busy } = dueRules([rule], timings({ due: NOON }), new Set(['boom']), NOON);
    expect({ due, busy: busy.map(({ id }) => id) }).toEqual({ due: [], busy: ['boom'] });
  });
});

describe('the poll of a rule', () => {
  it('comes after the next tick, late by the spread of the rule', () => {
    expect(nextTiming(rule, NOON + spread, spread).due).toBe(NOON + MINUTE + spread);
    expect(nextTiming(rule, NOON - 1, spread).due).toBe(NOON + spread);
  });

  it('follows a calendar where the rule has one', () => {
    const nightly = testRule({ name: 'nightly', schedule: { kind: 'cron', pattern: '0 3 * * *', timezone: 'UTC' } });
    expect(nextTiming(nightly, NOON, spread).due).toBe(Date.parse('2026-01-02T03:00:00Z') + spread);
  });
});

describe('due times after a reload', () => {
  const planned = new Map([['boom', nextTiming(rule, NOON, spread)]]);

  it('stay where the schedule is the same, in whatever object', () => {
    const same = testRule({ name: 'boom', schedule: { kind: 'every', every: MINUTE }, condition: 'count >= 7' });
    expect(fitTimings([same], planned, NOON + 5, spreads).get('boom')).toBe(planned.get('boom'));
  });

  it.each([
    ['a rule with another schedule', testRule({ name: 'boom', schedule: { kind: 'every', every: 5 * MINUTE } })],
    ['a new rule', testRule({ name: 'other' })],
  ])('begin at once, within the spread, for %s', (_name, changed) => {
    expect(fitTimings([changed], planned, NOON, spreads).get(changed.id)?.due).toBe(NOON + spread);
  });

  it('are forgotten with a rule that is gone', () => {
    expect(fitTimings([], planned, NOON, spreads).size).toBe(0);
  });
});

describe('a rule is due again before its next tick', () => {
  const run = (outcome: Run['outcome'], at: number): Run => ({
    rule: 'boom',
    at,
    window: { from: at - 5 * MINUTE, to: at },
    purpose: 'live',
    outcome,
    ...(outcome === 'failed' && { problem: searchProblem('timeout', 'too slow') }),
    matched: 0,
    ungrouped: 0,
    groups: 0,
    truncated: false,
    counts: { breach: 0, between: 0, clear: 0, absent: 0, unknown: 0 },
    unknown: [],
    changes: [],
    sent: [],
    cost: NO_COST,
  });
  const report = (parts: Partial<TurnLog>): TurnLog => ({
    now: NOON,
    runs: [],
    saved: [],
    unsaved: [],
    health: [],
    notified: [],
    storeProblems: [],
    errors: [],
    invalid: [],
    nextWake: undefined,
    ...parts,
  });

  it.each([
    ['at once while windows are due', report({ runs: [run('evaluated', NOON - 10 * MINUTE)] }), NOON],
    [
      'in a second when its write met another',
      report({ runs: [run('evaluated', NOON)], unsaved: [{ rule: 'boom', why: 'conflict' }] }),
      NOON + SECOND,
    ],
    ['in a minute when its evaluation failed', report({ runs: [run('failed', NOON)] }), NOON + MINUTE],
    [
      'in a minute when its stored document is invalid',
      report({ invalid: [{ kind: 'rule', id: 'boom', problem: 'is invalid' }] }),
      NOON + MINUTE,
    ],
    ['in 5 s when the store was away', report({ storeProblems: ['no answer'] }), NOON + 5 * SECOND],
  ])('%s', (_name, finished, expected) => {
    expect(dueAgain([rule], finished, NOON).get('boom')).toBe(expected);
  });

  it.each([
    ['when its newest tick was evaluated', report({ runs: [run('evaluated', NOON - 5 * MINUTE), run('evaluated', NOON)] })],
    ['when it outstanding nothing', report({})],
  ])('but not %s', (_name, finished) => {
    expect(dueAgain([rule], finished, NOON).size).toBe(0);
  });
});

describe('a time in which nothing is due', () => {
  const timing = (due: number): RuleTiming => ({ schedule: rule.schedule, since: NOON, due });

  it('ends with the first poll', () => {
    const calm = calmAfter(NOON, [timing(NOON + MINUTE), timing(NOON + SECOND), timing(Number.POSITIVE_INFINITY)]);
    expect([NOON, NOON + SECOND - 1, NOON + SECOND].map((now) => isCalm(calm, now))).toEqual([true, true, false]);
  });

  it('is no more known once the clock was set back', () => {
    expect(isCalm(calmAfter(NOON, [timing(NOON + MINUTE)]), NOON - 1)).toBe(false);
  });

  it('lasts for ever without rules', () => {
    expect(isCalm(calmAfter(NOON, []), NOON + 1_000 * MINUTE)).toBe(true);
  });
});
