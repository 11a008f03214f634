import { setTimeout as pause } from 'node:timers/promises';
import { oneOf, wholeNumber } from '../stage/random.ts';
import { type Stage, untilItWorks, WILLING } from '../stage/stage.ts';
import { RULES } from '../stage/story.ts';
import type { Scenario } from './scenario.ts';

const common = { part: 'Replicas', cluster: 'shared', seeds: 3, fast: 0 } as const;

/** Longest time that a rule may wait for a replica that takes it over, ms. */
const TAKEN_OVER_WITHIN = 30_000;

/** One evaluation as a replica logged it. */
interface Evaluated {
  readonly rule: string;
  readonly tick: number;
  readonly replica: number;
  /** When it was logged. */
  readonly at: number;
}

function evaluatedBy({ replicas }: Stage): readonly Evaluated[] {
  return replicas.flatMap(({ evaluated }, replica) =>
    evaluated.flatMap(({ rule, at, time }): readonly Evaluated[] => {
      if (typeof rule !== 'string' || typeof at !== 'string' || !RULES.some((name) => name === rule)) return [];
      return [{ rule, tick: Date.parse(at), replica, at: Date.parse(String(time)) }];
    }),
  );
}

/** Every tick of a story is evaluated once, by the same replica from first to last. */
function evaluatedOnce(stage: Stage): readonly string[] {
  const end = stage.zero + stage.story.length * 1_000;
  return RULES.flatMap((rule) => {
    const evaluated = evaluatedBy(stage).filter((one) => one.rule === rule && one.tick > stage.zero && one.tick <= end);
    const ticks = evaluated.map(({ tick }) => tick);
    const twice = ticks.length - new Set(ticks).size;
    const holders = new Set(evaluated.map(({ replica }) => replica)).size;
    return [
      ...(twice > 0 ? [`${twice} ticks of ${rule} were evaluated more than once`] : []),
      ...(new Set(ticks).size !== stage.story.length
        ? [`${rule}: ${new Set(ticks).size} of ${stage.story.length} ticks were evaluated`]
        : []),
      ...(holders !== 1 ? [`${rule} went through ${holders} hands`] : []),
    ];
  });
}

/** No rule waits longer than promised between two evaluations. */
function takenOver(stage: Stage): readonly string[] {
  return RULES.flatMap((rule) => {
    const times = evaluatedBy(stage)
      .filter((one) => one.rule === rule)
      .map(({ at }) => at)
      .sort((a, b) => a - b);
    const longest = times.reduce((most, time, index) => Math.max(most, time - (times[index - 1] ?? time)), 0);
    return longest > TAKEN_OVER_WITHIN ? [`${rule} was not evaluated for ${longest} ms`] : [];
  });
}

/** Ends a replica for good, the one that evaluates a rule, and lets the others go on. */
async function dies(stage: Stage): Promise<void> {
  await stage.second(wholeNumber(stage.random, 3, 5));
  await pause(wholeNumber(stage.random, 0, 999));
  const [last] = evaluatedBy(stage).slice(-1);
  await stage.replicas[last?.replica ?? 0]?.kill();
  stage.struck++;
  await stage.second(stage.story.main);
  stage.leaveDead = true;
}

/** Stops a replica in its tracks for longer than any lease, and lets it go on as if nothing had been. */
async function freezes(stage: Stage): Promise<void> {
  await stage.second(wholeNumber(stage.random, 3, 5));
  const [last] = evaluatedBy(stage).slice(-1);
  const replica = stage.replicas[last?.replica ?? 0];
  stage.manner = { ...WILLING, chat: 'hang' };
  await pause(wholeNumber(stage.random, 500, 1_500));
  replica?.freeze();
  stage.struck++;
  stage.manner = WILLING;
  await stage.second(31);
  replica?.thaw();
  await stage.second(stage.story.main);
}

/** Cuts one replica off from the cluster for longer than its leases. */
async function cutOff(stage: Stage): Promise<void> {
  await stage.second(wholeNumber(stage.random, 3, 5));
  const [last] = evaluatedBy(stage).slice(-1);
  const alone = last?.replica ?? 0;
  stage.fate = ({ replica }) => (replica === alone ? 'lose the request' : 'pass');
  await stage.second(31);
  stage.fate = () => 'pass';
  await stage.second(stage.story.main);
}

async function nothing(stage: Stage): Promise<void> {
  stage.struck++;
  await stage.second(stage.story.length);
}

/** One replica at a time stops in order and starts again, the next one when it works again, as in a rolling upgrade. */
async function rolling(stage: Stage): Promise<void> {
  for (const replica of stage.replicas) {
    await pause(wholeNumber(stage.random, 3_000, 5_000));
    await replica.stop();
    stage.struck++;
    replica.start();
    await untilItWorks(stage, replica);
  }
  await stage.second(stage.story.main);
}

async function anything(stage: Stage): Promise<void> {
  await stage.second(1);
  stage.fate = () =>
    stage.random() < 0.05 ? oneOf(stage.random, ['lose the answer', 'half an answer', { delay: 800 }] as const) : 'pass';
  for (let second = 2; second < stage.story.main; second += 3) {
    await stage.second(second);
    const replica = oneOf(stage.random, stage.replicas);
    const how = oneOf(stage.random, ['kill', 'freeze', 'stop'] as const);
    stage.struck++;
    if (how === 'kill') await replica.kill();
    else if (how === 'stop') await replica.stop();
    else {
      replica.freeze();
      await pause(2_500);
      replica.thaw();
    }
    replica.start();
  }
  stage.fate = () => 'pass';
}

/** Faults that concern several replicas, and how they share when there is none. */
export const replicaScenarios: readonly Scenario[] = [
  {
    ...common,
    name: 'two-share',
    title: 'Two replicas, no faults',
    replicas: 2,
    settled: true,
    main: 14,
    strike: nothing,
    check: evaluatedOnce,
  },
  {
    ...common,
    name: 'three-share',
    title: 'Three replicas, no faults',
    replicas: 3,
    settled: true,
    main: 14,
    strike: nothing,
    check: evaluatedOnce,
  },
  {
    ...common,
    name: 'two-one-dies',
    title: 'Two replicas: the one that evaluates is killed permanently',
    replicas: 2,
    settled: true,
    main: 20,
    strike: dies,
    check: takenOver,
  },
  {
    ...common,
    name: 'three-one-dies',
    title: 'Three replicas: one that evaluates is killed permanently',
    replicas: 3,
    settled: true,
    main: 20,
    strike: dies,
    check: takenOver,
  },
  {
    ...common,
    name: 'two-one-freezes',
    title: 'Two replicas: the one that evaluates is stopped (SIGSTOP) for longer than any lease, then continues',
    replicas: 2,
    settled: true,
    main: 35,
    strike: freezes,
    check: takenOver,
  },
  {
    ...common,
    name: 'three-one-cut-off',
    title: 'Three replicas: one that evaluates cannot reach the cluster for longer than its leases',
    replicas: 3,
    settled: true,
    main: 35,
    strike: cutOff,
    check: takenOver,
  },
  {
    ...common,
    name: 'three-rolling',
    title: 'Three replicas, restarted one after the other',
    replicas: 3,
    settled: true,
    main: 20,
    strike: rolling,
    check: takenOver,
  },
  {
    ...common,
    name: 'three-anything',
    title: 'Three replicas are killed, stopped and frozen at random while responses are lost',
    replicas: 3,
    main: 20,
    seeds: 6,
    fast: 1,
    strike: anything,
  },
];
