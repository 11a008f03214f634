import { setTimeout as pause } from 'node:timers/promises';
import { everything } from '../oracle/audience.ts';
import { eachMinute } from '../oracle/digest.ts';
import { endsOnce } from '../oracle/episodes.ts';
import { type MutedTime, mutedWithin } from '../oracle/mutes.ts';
import type { Change } from '../stage/files.ts';
import { wholeNumber } from '../stage/random.ts';
import type { Stage } from '../stage/stage.ts';
import { lasting, quiet, type Shape } from '../stage/story.ts';
import { killAndStart, killOnce, startAgain } from './kills.ts';
import type { Scenario } from './scenario.ts';

const MINUTE = 60_000;
const common = { part: 'Who is notified, and when', cluster: 'shared', fast: 0 } as const;

/** The chat and the mail are notified once a minute. */
const digests: Change = (usual) => ({
  ...usual,
  route: {
    ...usual.route,
    routes: usual.route.routes.map((route) =>
      // Without pauses, so that a message that has to be claimed apart is one that had to wait for its time.
      route.receiver === 'hook' ? { ...route, group_interval: '0s' } : { ...route, schedule: '* * * * *' },
    ),
  },
});

/** The second of the story at which digests are sent for the first time. */
const DIGEST_AT = 40;

/** Kills someone right before the time, while digests are claimed and sent, or right after it, by the seed. */
const AROUND: readonly ((stage: Stage) => Promise<void>)[] = [
  async (stage) => {
    await stage.second(DIGEST_AT - 1);
    await pause(wholeNumber(stage.random, 0, 999));
    await Promise.all(stage.replicas.map((replica) => killAndStart(stage, replica)));
  },
  (stage) => atTheTime(stage, { step: 'claim', moment: 'before' }),
  (stage) => atTheTime(stage, { step: 'claim', moment: 'done' }),
  (stage) => atTheTime(stage, { step: 'claim', moment: 'answered' }),
  (stage) => atTheTime(stage, { step: 'send to chat', moment: 'done' }),
  (stage) => atTheTime(stage, { step: 'send to mail', moment: 'done' }),
  async (stage) => {
    await stage.second(DIGEST_AT);
    await pause(wholeNumber(stage.random, 300, 3_000));
    await Promise.all(stage.replicas.map((replica) => killAndStart(stage, replica)));
  },
  // Nobody lives at the time.
  async (stage) => {
    await stage.second(DIGEST_AT - 3);
    await Promise.all(stage.replicas.map((replica) => replica.kill()));
    stage.struck++;
    await stage.second(DIGEST_AT + wholeNumber(stage.random, 1, 8));
    await Promise.all(stage.replicas.map((replica) => startAgain(stage, replica)));
  },
];

async function atTheTime(stage: Stage, point: Parameters<typeof killOnce>[1]): Promise<void> {
  await stage.second(DIGEST_AT - 0.1);
  await killOnce(stage, point);
}

/** The even minutes, or the odd ones, for as long as a play can last. */
function everyOther(name: string, parity: 0 | 1): object {
  const first = Math.floor(Date.now() / MINUTE) - 2;
  const minutes = Array.from({ length: 30 }, (_, index) => first + index).filter((minute) => minute % 2 === parity);
  return { name, time_intervals: [{ times: minutes.map(rangeOf) }] };
}

function rangeOf(minute: number): { readonly start_time: string; readonly end_time: string } {
  const of = (one: number) => new Date(one * MINUTE).toISOString().slice(11, 16);
  const end = of(minute + 1);
  return { start_time: of(minute), end_time: end === '00:00' ? '24:00' : end };
}

/** The chat is muted in even minutes, the mail active in odd ones. */
const mutes: Change = (usual) => ({
  ...usual,
  time_intervals: [everyOther('even-minutes', 0), everyOther('odd-minutes', 1)],
  route: {
    ...usual.route,
    routes: usual.route.routes.map((route) => ({
      ...route,
      ...(route.receiver === 'chat' && { mute_time_intervals: ['even-minutes'] }),
      ...(route.receiver === 'mail' && { active_time_intervals: ['odd-minutes'] }),
    })),
  },
});

const MUTED: MutedTime = { from: 20, to: 80 };

/** Through the muted time and worse in it; before it and into it; within it and then out of it. */
const acrossMutes: Shape = (random, main, index) => {
  const start = wholeNumber(random, 2, 8);
  if (index === 0) {
    const until = wholeNumber(random, 30, 70);
    return [...quiet(start), ...lasting(until - start), ...lasting(main - until - wholeNumber(random, 0, 5), 3)];
  }
  if (index === 1) return [...quiet(start), ...lasting(wholeNumber(random, 30, 55) - start)];
  const within = wholeNumber(random, 22, 30);
  const again = wholeNumber(random, 58, 72);
  const first = [...quiet(within), ...lasting(wholeNumber(random, 2, 12))];
  return [...first, ...quiet(again - first.length), ...lasting(main - again)];
};

/** Kills within the muted time, and around its end. */
async function killsWhileMuted(stage: Stage): Promise<void> {
  const { random, seed } = stage;
  await stage.second(wholeNumber(random, MUTED.from + 2, MUTED.from + 30));
  await killAndStart(stage);
  const around = [
    () => stage.second(MUTED.to - 1).then(() => killAndStart(stage)),
    () => stage.second(MUTED.to - 0.1).then(() => killOnce(stage, { step: 'claim', moment: 'done' })),
    () => stage.second(MUTED.to - 0.1).then(() => killOnce(stage, { step: 'send to chat', moment: 'done' })),
    () => stage.second(MUTED.to + wholeNumber(random, 0, 2)).then(() => killAndStart(stage)),
  ];
  await around[(seed - 1) % around.length]?.();
  await stage.second(stage.story.main);
}

/** Faults around times of the clock. */
export const clockTimeScenarios: readonly Scenario[] = [
  {
    ...common,
    name: 'digest-kill',
    title: 'Digests are due: SIGKILL right before the time, while they are sent, right after it, and across it',
    main: 64,
    seeds: 8,
    begins: { every: MINUTE, offset: MINUTE - DIGEST_AT * 1_000 },
    change: () => digests,
    strike: async (stage) => {
      await AROUND[(stage.seed - 1) % AROUND.length]?.(stage);
      await stage.second(stage.story.main);
    },
    audiences: (stage) => [everything('hook'), eachMinute('chat', stage), eachMinute('mail', stage)],
  },
  {
    ...common,
    name: 'mute-kill',
    title: 'Alerts begin, change and end in a muted time: SIGKILL within it and around its end',
    main: 92,
    seeds: 4,
    begins: { every: 2 * MINUTE, offset: 2 * MINUTE - MUTED.from * 1_000 },
    change: () => mutes,
    shape: acrossMutes,
    strike: killsWhileMuted,
    audiences: (stage) => [
      { ...everything('hook'), checks: [endsOnce] },
      mutedWithin('chat', MUTED, stage),
      mutedWithin('mail', MUTED, stage),
    ],
  },
];
