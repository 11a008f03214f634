import { describe, expect, it } from 'vitest';
import { parseCron, type Schedule } from '../../../src/core/schedule.ts';
import { manualClock } from '../../../src/core/time.ts';
import type { TurnReport } from '../../../src/engine/turn.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { type Attendance, watchAttendance } from '../../../src/service/attendance.ts';
import { readVitalSigns, STANDSTILL, type VitalSigns, whyNotWell } from '../../../src/service/vital-signs.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';

const WELL: VitalSigns = {
  stopping: false,
  rules: { enabled: 3, here: 3, failing: 0, starved: [] },
  storeIsUp: true,
  silentFor: 5_000,
  breaking: undefined,
  unevaluated: undefined,
};
const rules = (changes: Partial<VitalSigns['rules']>) => ({ rules: { ...WELL.rules, ...changes } });

describe('all is well', () => {
  it.each<[string, Partial<VitalSigns>]>([
    ['when rules are judged and the store answers', {}],
    ['while some rules fail and others do not', rules({ failing: 2 })],
    ['shortly before a silence counts as a standstill', { silentFor: STANDSTILL - 1 }],
  ])('%s', (_name, signs) => {
    expect(whyNotWell({ ...WELL, ...signs })).toBeUndefined();
  });
});

describe('not all is well', () => {
  it.each<[string, Partial<VitalSigns>, string]>([
    ['while the service stops', { stopping: true }, 'the service is stopping'],
    ['while the store is away', { storeIsUp: false }, 'the store is away or cannot be written'],
    ['without a rule that is judged', rules({ enabled: 0 }), 'no rule is judged: none is loaded, or all are paused'],
    ['when no turn finishes', { silentFor: STANDSTILL }, 'no turn has finished for 2m'],
    ['when a rule is starved', rules({ starved: ['slow'] }), '1 of 3 rules wait for their turn, slow among them'],
    [
      'when turns throw again and again',
      { breaking: 'turns fail again and again (boom): x' },
      'turns fail again and again (boom): x',
    ],
    ['when every rule fails', rules({ failing: 3 }), 'the last evaluation of every rule failed'],
  ])('%s', (_name, signs, why) => {
    expect(whyNotWell({ ...WELL, ...signs })).toBe(why);
  });
});

const NEVER: Attendance = {
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
      readVitalSigns({
        ports: given,
        store: UP,
        attendance: NEVER,
        judges: () => true,
        tasks: new Map(),
        stopping: false,
        now: NOON,
      });
    expect(read(ports).rules).toEqual({ enabled: 2, here: 2, failing: 0, starved: [] });
    await turnAt(ports, NOON);
    expect(read(ports).rules).toEqual({ enabled: 2, here: 2, failing: 1, starved: [] });
    expect(whyNotWell(read(ports))).toBeUndefined();
    expect(whyNotWell(read({ ...ports, rules: new Map([['bad', bad]]) }))).toBe('the last evaluation of every rule failed');
  });
});

const cron = (pattern: string): Schedule => {
  const parsed = parseCron(pattern, 'UTC');
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.schedule;
};

const EMPTY: TurnReport = {
  now: NOON,
  runs: [],
  saved: [],
  unsaved: [],
  notified: [],
  storeProblems: [],
  errors: [],
  invalid: [],
  nextWake: undefined,
};

/** Attendance of rules from noon on, with turns that a test reports. */
function attended(...watched: readonly Rule[]) {
  const clock = manualClock(NOON);
  const attendance = watchAttendance(clock);
  const turn = (now: number, due: readonly Rule[], report: Partial<TurnReport> = {}) => {
    clock.set(now);
    const ports = world().engine([]);
    attendance.finished({ input: { now, due, sweep: false }, report: { ...EMPTY, now, ...report }, took: 0, ports });
  };
  const starved = (now: number) => attendance.starved(watched, now).map(({ name }) => name);
  starved(NOON);
  return { attendance, clock, turn, starved };
}

describe('a rule', () => {
  const minutely = testRule({ name: 'minutely' });
  const daily = testRule({ name: 'daily', schedule: cron('0 18 * * *') });

  it('is starved when no turn has attended to it for minutes, and no longer when one has', () => {
    const { turn, starved } = attended(minutely, daily);
    turn(NOON + MINUTE, [minutely]);
    expect(starved(NOON + 7 * MINUTE)).toEqual([]);
    expect(starved(NOON + 8 * MINUTE)).toEqual(['minutely']);
    turn(NOON + 8 * MINUTE, [minutely]);
    expect(starved(NOON + 8 * MINUTE)).toEqual([]);
  });

  it('that is seldom due is starved only after its tick', () => {
    const { turn, starved } = attended(daily);
    expect(starved(NOON + 360 * MINUTE)).toEqual([]);
    expect(starved(NOON + 366 * MINUTE)).toEqual(['daily']);
    turn(NOON + 366 * MINUTE, [daily]);
    expect(starved(NOON + 1_440 * MINUTE)).toEqual([]);
  });

  it.each<[string, Partial<TurnReport>, readonly string[]]>([
    ['that another replica judged is attended to', { unsaved: [{ rule: 'minutely', why: 'conflict' }] }, []],
    ['whose state is never written is not', { unsaved: [{ rule: 'minutely', why: 'refused' }] }, ['minutely']],
    ['of turns that did not reach the store is not', { storeProblems: ['no answer'] }, ['minutely']],
  ])('%s', (_name, report, expected) => {
    const { turn, starved } = attended(minutely);
    for (let minute = 1; minute <= 10; minute++) turn(NOON + minute * MINUTE, [minutely], report);
    expect(starved(NOON + 10 * MINUTE)).toEqual(expected);
  });

  it('that is new is not starved by the ticks before it came', () => {
    const { attendance } = attended();
    expect(attendance.starved([minutely], NOON + 60 * MINUTE)).toEqual([]);
  });

  it('waits as much longer as its searches may take', () => {
    const slow = testRule({ name: 'slow', source: { ...minutely.source, timeout: 10 * MINUTE } });
    const { starved } = attended(minutely, slow);
    expect(starved(NOON + 10 * MINUTE)).toEqual(['minutely']);
  });

  it('is one thing, the newest turn another', () => {
    const { attendance, clock, turn } = attended(minutely);
    clock.set(NOON + MINUTE);
    expect(attendance.silentFor()).toBe(MINUTE);
    turn(NOON + MINUTE, []);
    expect(attendance.silentFor()).toBe(0);
  });
});

describe('turns that throw', () => {
  const due = [testRule({ name: 'boom' })];
  const stage = () => {
    const clock = manualClock(NOON);
    const attendance = watchAttendance(clock);
    const finished = (rules: readonly Rule[]) =>
      attendance.finished({
        input: { now: NOON, due: rules, sweep: rules.length === 0 },
        report: { storeProblems: [], unsaved: [] } as unknown as TurnReport,
        took: 0,
        ports: {} as TurnPorts,
      });
    return { clock, attendance, finished };
  };

  it('once or twice are no trouble, three times in a row are', () => {
    const { attendance, finished } = stage();
    for (let times = 0; times < 2; times++) attendance.broke({ due }, new Error('x is not iterable'));
    finished(due);
    for (let times = 0; times < 2; times++) attendance.broke({ due }, new Error('x is not iterable'));
    expect(attendance.breaking()).toBeUndefined();
    attendance.broke({ due }, new Error('x is not iterable'));
    expect(attendance.breaking()).toBe('turns fail again and again (boom): x is not iterable');
    finished(due);
    expect(attendance.breaking()).toBeUndefined();
  });

  it('are a trouble though the turns of other rules succeed', () => {
    const { attendance, finished } = stage();
    for (let times = 0; times < 3; times++) {
      attendance.broke({ due: [] }, new Error('no sweep'));
      finished(due);
    }
    expect(attendance.breaking()).toContain('looking for work');
  });

  it('of a rare rule count when they are an hour apart, and not for ever', () => {
    const { clock, attendance } = stage();
    attendance.broke({ due }, new Error('x'));
    clock.set(NOON + 60 * MINUTE);
    attendance.broke({ due }, new Error('x'));
    expect(attendance.breaking()).toBeDefined();
    clock.set(NOON + 200 * MINUTE);
    expect(attendance.breaking()).toBeUndefined();
  });
});
