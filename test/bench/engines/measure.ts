import { setTimeout as sleep } from 'node:timers/promises';
import { clusterUsage, STATISTICS_LAG } from '../process/cluster.ts';
import { usageOf } from '../process/usage.ts';
import { mean } from '../report/numbers.ts';
import type { Engine, Running, Setting } from './engine.ts';

/** What a run of an engine took. CPU ms an interval, means over the intervals; memory in bytes; times in seconds. */
export interface Measured {
  readonly engine: string;
  readonly rules: number;
  readonly cpu: number;
  /** Without what the cluster takes when nobody asks it. */
  readonly cluster: number;
  readonly peak: number;
  /** Evaluations an interval, by the engine's own records. */
  readonly evaluations: number;
  readonly lateHalf: number;
  readonly lateMost: number;
  /** From the start until every rule was evaluated once; NaN when that did not happen in time. */
  readonly start: { readonly seconds: number; readonly cpu: number; readonly evaluated: number };
  /** Requests that the cluster refused because its queues were full. */
  readonly refused: number;
}

/** How a run is measured. */
export interface Measuring {
  readonly intervals: number;
  /** How long to wait after every rule was evaluated once, ms: replicas that have just started still hand shards to each other. */
  readonly settle?: number;
  /** CPU ms a second of the cluster without any engine. */
  readonly standing: number;
}

/** Beside two intervals, how long an engine may take to evaluate every rule once, seconds. */
const GRACE = 30;
const LOOK = 500;

/** Starts an engine, waits until it has evaluated every rule once, measures whole intervals, and stops it. */
export async function measureRun<M>(engine: Engine<M>, setting: Setting, measuring: Measuring): Promise<Measured> {
  const began = performance.now();
  const running = await engine.start(setting);
  try {
    const start = await untilEvaluated(running, setting, began);
    await sleep(measuring.settle ?? 0);
    const before = await clusterUsage(setting.client);
    await middleOfInterval(setting.every, STATISTICS_LAG);
    const from = await running.mark();
    const samples = await measureIntervals(running, setting, measuring);
    const to = await running.mark();
    const after = await clusterUsage(setting.client);
    const usages = await Promise.all(running.programs.map(({ pid }) => usageOf(pid)));
    const records = await running.between(from, to);
    return {
      engine: engine.name,
      rules: setting.questions.length,
      cpu: mean(samples.map(({ cpu }) => cpu)),
      cluster: mean(samples.map(({ cluster }) => cluster)),
      peak: usages.reduce((sum, { peak }) => sum + peak, 0),
      ...records,
      evaluations: records.evaluations / measuring.intervals,
      start,
      refused: after.refused - before.refused,
    };
  } finally {
    await running.stop();
  }
}

/**
 * Waits for the middle of an interval by the clock, less `early` ms. Tocsin evaluates right after the multiples of an interval: measured from
 * middle to middle, a round lies whole within each measured interval. To the other one all moments are alike.
 */
export async function middleOfInterval(every: number, early = 0): Promise<void> {
  const interval = every * 1_000;
  await sleep((2.5 * interval - early - (Date.now() % interval)) % interval);
}

/** Waits until every rule was evaluated once, or long enough for that. */
export async function untilEvaluated<M>(running: Running<M>, setting: Setting, began: number): Promise<Measured['start']> {
  const limit = performance.now() + (2 * setting.every + GRACE) * 1_000;
  let evaluated = 0;
  while (performance.now() < limit) {
    evaluated = await running.evaluatedOnce();
    if (evaluated >= setting.questions.length) {
      return { seconds: (performance.now() - began) / 1_000, cpu: await cpuOf(running), evaluated };
    }
    if (!running.programs.every((program) => program.runs())) throw new Error(`an engine ended early; see ${setting.folder}`);
    await sleep(LOOK);
  }
  return { seconds: Number.NaN, cpu: Number.NaN, evaluated };
}

/** CPU ms of all processes of an engine so far. */
export async function cpuOf<M>({ programs }: Running<M>): Promise<number> {
  const usages = await Promise.all(programs.map(({ pid }) => usageOf(pid)));
  return usages.reduce((sum, { cpu }) => sum + cpu, 0);
}

interface Sample {
  readonly cpu: number;
  readonly cluster: number;
}

async function measureIntervals<M>(running: Running<M>, setting: Setting, measuring: Measuring): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const now = async () => ({
    cluster: (await clusterUsage(setting.client)).cpu,
    cpu: await cpuOf(running),
    at: performance.now(),
  });
  let last = await now();
  const began = last.at;
  for (let interval = 1; interval <= measuring.intervals; interval++) {
    // Reading takes its time as well, which is within the interval.
    await sleep(Math.max(0, began + interval * setting.every * 1_000 - performance.now() - STATISTICS_LAG));
    const next = await now();
    const idle = (measuring.standing * (next.at - last.at)) / 1_000;
    samples.push({ cpu: next.cpu - last.cpu, cluster: next.cluster - last.cluster - idle });
    last = next;
  }
  return samples;
}
