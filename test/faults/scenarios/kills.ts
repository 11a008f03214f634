import { setTimeout as pause } from 'node:timers/promises';
import { type KillPoint, MOMENTS } from '../stage/kills.ts';
import { oneOf, wholeNumber } from '../stage/random.ts';
import type { Replica } from '../stage/replica.ts';
import { type Stage, untilItWorks, WILLING } from '../stage/stage.ts';
import type { Step } from '../stage/steps.ts';
import type { Scenario } from './scenario.ts';

const common = { part: 'Tocsin itself', cluster: 'shared', main: 26, fast: 1 } as const;

/** Points at all moments of these steps. */
export const at = (...steps: readonly Step[]) => steps.flatMap((step) => MOMENTS.map((moment): KillPoint => ({ step, moment })));

/** Every step of a tick. */
export const TICK_POINTS: readonly KillPoint[] = at(
  ...(['read silences', 'read rules', 'ask', 'save rules', 'find pending', 'read leases', 'write leases', 'history'] as const),
);

const SENDS = (['send to hook', 'send to chat', 'send to mail'] as const).flatMap((step): KillPoint[] =>
  step === 'send to mail'
    ? [{ step, moment: 'done' }]
    : [
        { step, moment: 'done' },
        { step, moment: 'answered' },
      ],
);

/** Every step of a delivery that need not wait: from enqueuing to recording, the sends including. */
export const DELIVERY_POINTS: readonly KillPoint[] = [
  ...at('read alert groups', 'enqueue and claim', 'take over', 'record', 'record and claim', 'find due'),
  ...SENDS,
];

/** The steps of a delivery that has to wait: the entry is enqueued by one write, and its message claimed by another. */
export const WAITING_POINTS: readonly KillPoint[] = at('enqueue', 'claim');

/** How many points one play reaches, and how long it waits for each, ms. */
const POINTS_A_PLAY = 3;
/** So that the points of one play are of different steps: prime to the lengths of the lists, so that all have their turn. */
const STRIDE = 7;
const PATIENCE = 15_000;

/** Kills whoever reaches the points of a list that are the seed's, and starts it again, until some second of the story. */
export function killAt(points: readonly KillPoint[], until = Number.POSITIVE_INFINITY): (stage: Stage) => Promise<void> {
  return async (stage) => {
    await stage.second(1);
    for (let index = 0; index < POINTS_A_PLAY; index++) {
      const point = points[(((stage.seed - 1) * POINTS_A_PLAY + index) * STRIDE) % points.length];
      if (point !== undefined && Date.now() < stage.zero + until * 1_000) await killOnce(stage, point);
    }
  };
}

/** Kills whoever reaches a point first, and starts it again; nobody, if nobody reaches it for a while. */
export async function killOnce(stage: Stage, point: KillPoint): Promise<void> {
  const timer = new AbortController();
  const killed = stage.kills.arm(point);
  // Only a message that was not taken at first is taken over.
  if (point.step === 'take over') {
    stage.manner = { ...WILLING, hook: { status: 503 }, chat: { status: 503 } };
    await pause(1_500);
    stage.manner = WILLING;
  }
  const number = await Promise.race([killed, pause(PATIENCE, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
  stage.kills.disarm();
  const replica = number === undefined ? undefined : stage.replicas[number];
  if (replica !== undefined) await startAgain(stage, replica);
}

/** Kills a replica, at no step in particular, and starts it again. */
export async function killAndStart(stage: Stage, replica = oneOf(stage.random, stage.replicas)): Promise<void> {
  await replica.kill();
  stage.struck++;
  await startAgain(stage, replica);
}

/** Starts a replica that does not live, and waits until it works. */
export async function startAgain(stage: Stage, replica: Replica): Promise<void> {
  replica.start();
  await untilItWorks(stage, replica);
  stage.calmSince = Date.now();
}

/** Kills a replica at any moment, again and again. */
async function storm(stage: Stage): Promise<void> {
  for (let second = 1; second < stage.story.main; second += wholeNumber(stage.random, 2, 4)) {
    await stage.second(second);
    await pause(wholeNumber(stage.random, 0, 999));
    const replica = oneOf(stage.random, stage.replicas);
    if (replica.life() === undefined) continue;
    await replica.kill();
    stage.struck++;
    replica.start();
  }
}

/** Stops a replica in its tracks while it works, for longer than a message's lease, and lets it go on. */
async function freeze(stage: Stage): Promise<void> {
  await stage.second(wholeNumber(stage.random, 2, 5));
  await pause(wholeNumber(stage.random, 0, 999));
  const replica = oneOf(stage.random, stage.replicas);
  // With a message on its way to a receiver that is slow to answer, so that there is a lease to outlive.
  stage.manner = { ...WILLING, chat: 'hang' };
  await stage.second(6);
  replica.freeze();
  stage.struck++;
  stage.manner = WILLING;
  await stage.second(28);
  replica.thaw();
  await stage.second(stage.story.main);
}

async function restarts(stage: Stage): Promise<void> {
  for (let second = 2; second < stage.story.main; second += 4) {
    await stage.second(second);
    for (const replica of stage.replicas) {
      await replica.stop();
      stage.struck++;
      replica.start();
    }
  }
}

/** Faults of the process itself. */
export const killScenarios: readonly Scenario[] = [
  { ...common, name: 'kill-tick', title: 'SIGKILL at each step of a tick', seeds: 8, strike: killAt(TICK_POINTS) },
  { ...common, name: 'kill-delivery', title: 'SIGKILL at each step of a delivery', seeds: 10, strike: killAt(DELIVERY_POINTS) },
  {
    ...common,
    name: 'kill-waiting',
    title: 'SIGKILL between the steps of a delivery that waits for its group',
    seeds: 6,
    fast: 0,
    // Longer than alerts stay as they are, so that most of what is enqueued has to wait.
    spacing: { groupWait: '700ms', groupInterval: '4s' },
    strike: killAt(WAITING_POINTS),
  },
  { ...common, name: 'kill-storm', title: 'SIGKILL at any moment, every few seconds', seeds: 6, fast: 0, strike: storm },
  {
    ...common,
    name: 'freeze',
    title: "SIGSTOP for longer than a message's lease, then SIGCONT",
    seeds: 6,
    main: 32,
    fast: 0,
    strike: freeze,
  },
  { ...common, name: 'restart', title: 'SIGTERM and restart, every four seconds', seeds: 3, fast: 0, strike: restarts },
];
