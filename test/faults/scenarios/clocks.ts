import { oneOf, wholeNumber } from '../stage/random.ts';
import type { Stage } from '../stage/stage.ts';
import type { Scenario } from './scenario.ts';

const common = { part: 'Clocks and files', cluster: 'shared', clocks: 'own', main: 14, seeds: 6, fast: 0 } as const;
const FIVE_MINUTES = 300_000;

/** The clock of one replica jumps, and some seconds later jumps back; while it is wrong the replica may be killed. */
function jump(by: number): Scenario['strike'] {
  return async (stage) => {
    const first = wholeNumber(stage.random, 2, 5);
    await stage.second(first);
    const replica = oneOf(stage.random, stage.replicas);
    replica.setClock(by);
    stage.struck++;
    await stage.second(first + 3);
    if (stage.seed % 2 === 0) {
      await replica.kill();
      replica.start();
    }
    await stage.second(first + 6);
    replica.setClock(0);
    await stage.second(stage.story.main);
    // What was notified while the clock was ahead is notified on when it is that time: nobody waits for that here.
    if (by > 0) for (const one of stage.replicas) one.setClock(by);
  };
}

/** Clocks that are further apart than leases allow for, all the time. */
async function apart(stage: Stage): Promise<void> {
  for (const [number, replica] of stage.replicas.entries()) replica.setClock(number * 15_000);
  stage.struck++;
  await stage.second(stage.story.main);
}

/** Faults of clocks. */
export const clockScenarios: readonly Scenario[] = [
  { ...common, name: 'clock-ahead', title: 'A clock jumps five minutes ahead, and back', fast: 0, strike: jump(FIVE_MINUTES) },
  { ...common, name: 'clock-back', title: 'A clock jumps five minutes back, and ahead again', strike: jump(-FIVE_MINUTES) },
  { ...common, name: 'clocks-apart', title: 'Clocks of two replicas are 15 seconds apart', replicas: 2, strike: apart },
];
