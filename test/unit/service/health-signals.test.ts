import { describe, expect, it } from 'vitest';
import { parseCron, type Schedule } from '../../../src/core/schedule.ts';
import { manualClock } from '../../../src/core/time.ts';
import type { TurnLog } from '../../../src/engine/turn-log.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { type HealthSignals, readHealthSignals, STANDSTILL, whyNotWell } from '../../../src/service/health/health-signals.ts';
import { type TurnWatch, watchTurnWatch } from '../../../src/service/health/turn-watch.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';

const WELL: HealthSignals = {
  stopping: false,
  rules: { enabled: 3, here: 3, failing: 0, starved: [] },
  storeIsUp: true,
  silentFor: 5_000,
  breaking: undefined,
  unevaluated: undefined,
};
const rules = (changes: Partial<HealthSignals['rules']>) => ({ rules: { ...WELL.rules, ...changes } });

describe('all is well', () => {
  it.each<[string, Partial<HealthSignals>]>([
    ['when rules are evaluated and the store answers', {}],
    ['while some rules fail and others do not', rules({ failing: 2 })],
    ['shortly before a silence counts as a standstill', { silentFor: STANDSTILL - 1 }],
  ])('%s', (_name, signals) => {
    expect(whyNotWell({ ...WELL, ...signals })).toBeUndefined();
  });
});

describe('not all is well', () => {
  it.each<[string, Partial<HealthSignals>, string]>([
    ['while the service stops', { stopping: true }, 'the service is stopping'],
    ['while the store is away', { storeIsUp: false }, 'the store is unavailable or cannot be written'],
    ['without a rule that is evaluated', rules({ enabled: 0 }), 'no rule is evaluated: no rule is loaded, or all are paused'],
    ['when no turn finishes', { silentFor: STANDSTILL }, 'no turn has finished for 2m'],
    ['when a rule is starved', rules({ starved: ['slow'] }), '1 of 3 rules wait to be evaluated, including slow'],
    ['when turns throw again and again', { breaking: 'turns fail repeatedly (boom): x' }, 'turns fail repeatedly (boom): x'],
    ['when every rule fails', rules({ failing: 3 }), 'the last evaluation of every rule failed'],
  ])('%s', (_name, signals, why) => {
    expect(whyNotWell({ ...WELL, ...signals })).toBe(why);
  });
});

const NEVER: TurnWatch = {
  finished: () => undefined,
  silentFor: () => 0,
  starved: () => [],
  broke: () => true,
  breaking: () => undefined,
};
const UP = { isUp: () => true };

describe('the signs of a service', () => {
  it('count enabled rules, and those whose last evaluation failed', async () => {
    const { engine, add } = world();
    add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString() });
    const good = testRule({ name: 'good' });
    const bad = testRule({ name: 'bad', index: 'gone-*' });
    const ports = engine([good, bad, testRule({ name: 'paused', enabled: false })]);
    const read = (given: Pick<TurnPorts, 'rules' | 'session'>) =>
      readHealthSignals({
        ports: given,
        store: UP,
        turnWatch: NEVER,
        evaluates: () => true,
        tasks: new Map(),
        stopping: false,
        now: NOON,
      });
    expect(read(ports).rules).toEqual({ enabled: 2, here: 2, failing: 0, starved: [] });
    await turnAt(ports, NOON);
    expect(read(ports).rules).toEqual({ enabled: 2, here: 2, failing: 1, starved: [] });
    expect(whyNotWell(read(ports))).toBeUndefined();
    expect(whyNotWell(read({ ...ports, rules: new Map([['bad', bad]]) }))).toBe('the last evaluation of every rule failed');
    // Alerts of other systems are read from the store, also while no search is answered.
    const received = engine([bad], { receives: { max: 10 } });
    await turnAt(received, NOON);
    expect(whyNotWell(read(received))).toBe('the last evaluation of every rule failed');
    expect(whyNotWell(read(engine([], { receives: { max: 10 } })))).toBeUndefined();
  });
});

const cron = (pattern: string): Schedule => {
  const parsed = parseCron(pattern, 'UTC');
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.schedule;
};

const EMPTY: TurnLog = {
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
};

/** Attendance of rules from noon on, with turns that a test reports. */
function evaluated(...watched: readonly Rule[]) {
  const clock = manualClock(NOON);
  const turnWatch = watchTurnWatch(clock);
  const turn = (now: number, due: readonly Rule[], report: Partial<TurnLog> = {}) => {
    clock.set(now);
    const ports = world().engine([]);
    turnWatch.finished({ input: { now, due, sweep: false }, report: { ...EMPTY, now, ...report }, took: 0, ports });
  };
  const starved = (now: number) => turnWatch.starved(watched, now).map(({ name }) => name);
  starved(NOON);
  return { turnWatch, clock, turn, starved };
}

describe('a rule', () => {
  const minutely = testRule({ name: 'minutely' });
  const daily = testRule({ name: 'daily', schedule: cron('0 18 * * *') });

  it('is starved when no turn has attended to it for minutes, and no longer when one has', () => {
    const { turn, starved } = evaluated(minutely, daily);
    turn(NOON + MINUTE, [minutely]);
    expect(starved(NOON + 7 * MINUTE)).toEqual([]);
    expect(starved(NOON + 8 * MINUTE)).toEqual(['minutely']);
    turn(NOON + 8 * MINUTE, [minutely]);
    expect(starved(NOON + 8 * MINUTE)).toEqual([]);
  });

  it('that is seldom due is starved only after its tick', () => {
    const { turn, starved } = evaluated(daily);
    expect(starved(NOON + 360 * MINUTE)).toEqual([]);
    expect(starved(NOON + 366 * MINUTE)).toEqual(['daily']);
    turn(NOON + 366 * MINUTE, [daily]);
    expect(starved(NOON + 1_440 * MINUTE)).toEqual([]);
  });

  it.each<[string, Partial<TurnLog>, readonly string[]]>([
    ['that another replica evaluated is attended to', { unsaved: [{ rule: 'minutely', why: 'conflict' }] }, []],
    ['whose state is never written is not', { unsaved: [{ rule: 'minutely', why: 'refused' }] }, ['minutely']],
    ['of turns that did not reach the store is not', { storeProblems: ['no answer'] }, ['minutely']],
  ])('%s', (_name, report, expected) => {
    const { turn, starved } = evaluated(minutely);
    for (let minute = 1; minute <= 10; minute++) turn(NOON + minute * MINUTE, [minutely], report);
    expect(starved(NOON + 10 * MINUTE)).toEqual(expected);
  });

  it('that is new is not starved by the ticks before it came', () => {
    const { turnWatch } = evaluated();
    expect(turnWatch.starved([minutely], NOON + 60 * MINUTE)).toEqual([]);
  });

  it('waits as much longer as its searches may take', () => {
    const slow = testRule({ name: 'slow', source: { ...minutely.source, timeout: 10 * MINUTE } });
    const { starved } = evaluated(minutely, slow);
    expect(starved(NOON + 10 * MINUTE)).toEqual(['minutely']);
  });

  it('is one thing, the newest turn another', () => {
    const { turnWatch, clock, turn } = evaluated(minutely);
    clock.set(NOON + MINUTE);
    expect(turnWatch.silentFor()).toBe(MINUTE);
    turn(NOON + MINUTE, []);
    expect(turnWatch.silentFor()).toBe(0);
  });
});

describe('turns that throw', () => {
  const due = [testRule({ name: 'boom' })];
  const stage = () => {
    const clock = manualClock(NOON);
    const turnWatch = watchTurnWatch(clock);
    const finished = (rules: readonly Rule[]) =>
      turnWatch.finished({
        input: { now: NOON, due: rules, sweep: rules.length === 0 },
        report: { storeProblems: [], unsaved: [] } as unknown as TurnLog,
        took: 0,
        ports: {} as TurnPorts,
      });
    return { clock, turnWatch, finished };
  };

  it('once or twice are no problem, three times in a row are', () => {
    const { turnWatch, finished } = stage();
    for (let times = 0; times < 2; times++) turnWatch.broke({ due }, new Error('x is not iterable'));
    finished(due);
    for (let times = 0; times < 2; times++) turnWatch.broke({ due }, new Error('x is not iterable'));
    expect(turnWatch.breaking()).toBeUndefined();
    turnWatch.broke({ due }, new Error('x is not iterable'));
    expect(turnWatch.breaking()).toBe('turns fail repeatedly (boom): x is not iterable');
    finished(due);
    expect(turnWatch.breaking()).toBeUndefined();
  });

  it('are a problem though the turns of other rules succeed', () => {
    const { turnWatch, finished } = stage();
    for (let times = 0; times < 3; times++) {
      turnWatch.broke({ due: [] }, new Error('no sweep'));
      finished(due);
    }
    expect(turnWatch.breaking()).toContain('searching for pending work');
  });

  it('of a rare rule count when they are an hour apart, and not for ever', () => {
    const { clock, turnWatch } = stage();
    turnWatch.broke({ due }, new Error('x'));
    clock.set(NOON + 60 * MINUTE);
    turnWatch.broke({ due }, new Error('x'));
    expect(turnWatch.breaking()).toBeDefined();
    clock.set(NOON + 200 * MINUTE);
    expect(turnWatch.breaking()).toBeUndefined();
  });
});
