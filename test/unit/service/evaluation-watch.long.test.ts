import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../src/core/schedule.ts';
import { manualClock } from '../../../src/core/time.ts';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { turn } from '../../../src/engine/turn.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { startEvaluationWatch } from '../../../src/service/health/evaluation-watch.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, world } from '../../support/engine/world.ts';

const QUIET = { condition: 'count >= 100' };
const cron = (pattern: string) => {
  const parsed = parseCron(pattern, 'UTC');
  if (!parsed.ok) throw new Error(pattern);
  return parsed.schedule;
};

/** A replica that watches rules which another one evaluates, as long as `evaluates` says so. */
function stage(rules: readonly Rule[], evaluates: (rule: Rule, now: number) => boolean) {
  const { engine, add, backend } = world();
  add('logs-app', { '@timestamp': new Date(NOON).toISOString(), message: 'x' });
  const clock = manualClock(NOON);
  const other: TurnPorts = engine(rules);
  const own = engine(rules);
  const now = { up: true, problem: undefined as string | undefined, reported: 0 };
  const look = startEvaluationWatch({
    clock,
    store: { isUp: () => now.up },
    tasks: {
      report: (_task, problem) => {
        now.problem = problem;
        now.reported++;
      },
    },
    ports: () => own,
  });
  /** Minute by minute: evaluates what is due, and looks. */
  const play = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      clock.set(clock.now() + MINUTE);
      const due = rules.filter((rule) => rule.enabled && evaluates(rule, clock.now()));
      await turn(openTurn({ now: clock.now(), due, sweep: true }, other, new AbortController().signal));
      look();
      for (let round = 0; round < 20; round++) await new Promise(setImmediate);
    }
  };
  return { now, play, backend };
}

describe('a rule that no replica evaluates', () => {
  it('is noticed within ten minutes where it runs each minute, and no longer once it is evaluated again', async () => {
    const broken = { now: false };
    const rule = testRule({ name: 'lost', ...QUIET });
    const scene = stage([rule, testRule({ name: 'fine', ...QUIET })], ({ id }) => id === 'fine' || !broken.now);
    await scene.play(20);
    expect([scene.now.problem, scene.now.reported]).toEqual([undefined, 20]);
    broken.now = true;
    await scene.play(10);
    expect(scene.now.problem).toMatch(/^no replica has evaluated lost \(shard \d+\) since 2026-01-01T12:/);
    broken.now = false;
    await scene.play(6);
    expect(scene.now.problem).toBeUndefined();
  });

  it('is noticed when it has never been evaluated', async () => {
    const scene = stage([testRule({ name: 'new', ...QUIET })], () => false);
    await scene.play(4);
    expect(scene.now.problem).toBeUndefined();
    await scene.play(3);
    expect(scene.now.problem).toContain('no replica has evaluated new');
  });

  it('is noticed some minutes after the one tick that it missed where it runs each hour', async () => {
    const hourly = testRule({ name: 'hourly', ...QUIET, schedule: { kind: 'every', every: 60 * MINUTE } });
    const scene = stage([hourly], (_rule, now) => now < NOON + 125 * MINUTE);
    await scene.play(180);
    expect(scene.now.problem).toBeUndefined();
    await scene.play(5);
    expect(scene.now.problem).toContain('no replica has evaluated hourly');
  });
});

describe('no replica is blamed', () => {
  it.each<[string, Rule, (now: number) => boolean]>([
    ['for the night of office hours', testRule({ name: 'office', ...QUIET, schedule: cron('*/5 9-12 * * *') }), () => true],
    ['for a rule that is paused', testRule({ name: 'paused', ...QUIET, enabled: false }), () => false],
    ['for a rule whose searches fail', testRule({ name: 'failing', ...QUIET, index: 'missing', errorAfter: 1_000 }), () => true],
    [
      'for a rule that is evaluated only now and then, as in a slow catching up',
      testRule({ name: 'slow', ...QUIET }),
      (now) => now % (4 * MINUTE) === 0,
    ],
  ])('%s', async (_name, rule, evaluates) => {
    const scene = stage([rule], (_rule, now) => evaluates(now));
    for (let part = 0; part < 20; part++) {
      await scene.play(15);
      expect(scene.now.problem).toBeUndefined();
    }
  });

  it('for what the store kept from being evaluated', async () => {
    const scene = stage([testRule({ name: 'boom', ...QUIET })], () => scene.now.up);
    await scene.play(5);
    scene.now.up = false;
    await scene.play(60);
    scene.now.up = true;
    await scene.play(30);
    expect(scene.now.problem).toBeUndefined();
  });

  it('for a rule of which a health alert speaks', async () => {
    const ahead = { now: 0 };
    const rule = testRule({ name: 'lost', ...QUIET, index: 'missing', errorAfter: 1 });
    const scene = stage([rule], () => ahead.now === 0);
    await scene.play(5);
    ahead.now = 1;
    await scene.play(30);
    expect(scene.now.problem).toBeUndefined();
  });
});
