import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/core/time.ts';
import type { HealthSignals } from '../../../src/service/health/health-signals.ts';
import { startWorkWatch } from '../../../src/service/health/work-watch.ts';
import type { LeaseKeeper } from '../../../src/service/sharding/lease-keeper.ts';
import { type Task, watchTasks } from '../../../src/service/tasks.ts';
import { heard, NOON, world } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const WELL: HealthSignals = {
  stopping: false,
  rules: { enabled: 1, here: 1, failing: 0, starved: [] },
  storeIsUp: true,
  silentFor: 0,
  breaking: undefined,
  unevaluated: undefined,
};

function stage() {
  const scene = world();
  const clock = manualClock(NOON);
  const { log, lines } = capturedLog();
  const ports = scene.engine([], { meta: 'meta', clock });
  const tasks = watchTasks({ clock, log, ports: () => ports, signal: new AbortController().signal });
  const now = {
    up: true,
    reading: 0,
    leases: undefined as string | undefined,
    health: undefined as string | undefined,
    signals: WELL,
  };
  const leases: Pick<LeaseKeeper, 'problem'> = { problem: () => now.leases };
  const look = startWorkWatch({
    clock,
    tasks,
    store: { isUp: () => now.up },
    looks: { underWay: () => now.reading },
    leases,
    signals: () => now.signals,
    healthProblem: () => now.health,
  });
  const pollUntil = async (to: number) => {
    while (clock.now() < to) {
      clock.set(clock.now() + SECOND);
      look();
      tasks.poll();
      await new Promise(setImmediate);
    }
  };
  return { now, tasks, pollUntil, lines, heard: () => heard(scene.channel).map((line) => line.slice(6)) };
}

describe('a task of the process that fails', () => {
  it.each<[Task, Partial<ReturnType<typeof stage>['now']>, string]>([
    ['turns', { signals: { ...WELL, rules: { ...WELL.rules, starved: ['slow'] } } }, 'including slow'],
    ['turns', { signals: { ...WELL, silentFor: 120_000 } }, 'no turn has finished'],
    ['turns', { signals: { ...WELL, breaking: 'turns fail again and again' } }, 'again and again'],
    ['leases', { leases: 'document 7 of tocsin-leases has no body' }, 'has no body'],
    ['health', { health: 'was written by a newer Tocsin' }, 'newer Tocsin'],
    ['reload', { reading: 120_000 }, 'reading files takes longer'],
  ])('%s: is shown, logged once and reported to the meta receiver after a minute, as its end is', async (task, fail, why) => {
    const { now, tasks, pollUntil, lines, heard } = stage();
    await pollUntil(NOON + 70 * SECOND);
    expect([...tasks.problems()]).toEqual([]);
    Object.assign(now, fail);
    await pollUntil(NOON + 80 * SECOND);
    expect([...tasks.problems()]).toEqual([[task, expect.stringContaining(why)]]);
    await pollUntil(NOON + 300 * SECOND);
    expect(heard()).toEqual([expect.stringContaining('meta [FIRING] Tocsin: ')]);
    Object.assign(now, { reading: 0, leases: undefined, health: undefined, signals: WELL });
    await pollUntil(NOON + 310 * SECOND);
    expect([...tasks.problems()]).toEqual([]);
    expect(heard().at(-1)).toContain('meta [RESOLVED] Tocsin: ');
    expect(lines().filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('is not blamed for what an absence of the store keeps it from', async () => {
    const { now, tasks, pollUntil } = stage();
    await pollUntil(NOON + 70 * SECOND);
    now.up = false;
    now.signals = { ...WELL, silentFor: 300_000 };
    now.leases = 'no answer';
    await pollUntil(NOON + 600 * SECOND);
    now.up = true;
    await pollUntil(NOON + 650 * SECOND);
    expect([...tasks.problems()]).toEqual([]);
    await pollUntil(NOON + 700 * SECOND);
    expect([...tasks.problems().keys()]).toEqual(['turns', 'leases']);
  });
});
