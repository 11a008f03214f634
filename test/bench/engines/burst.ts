import { setTimeout as sleep } from 'node:timers/promises';
import { errorOf } from '../live/documents.ts';
import type { Sink } from '../live/sink.ts';
import { append } from '../live/stream.ts';
import { clusterUsage } from '../process/cluster.ts';
import type { Engine, SettingOf } from './engine.ts';
import { cpuOf, middleOfInterval, untilEvaluated } from './measure.ts';
import type { Question } from './question.ts';

/** What became of a burst: messages that came, and when, seconds after the documents were written; CPU ms until the last. */
export interface Burst {
  readonly engine: string;
  readonly rules: number;
  readonly messages: number;
  readonly first: number;
  readonly last: number;
  readonly cpu: number;
  readonly cluster: number;
}

/** Documents that each rule needs to fire. */
const NEEDED = 5;
/** How long after the last expected message others are waited for: they would be too many. */
const AFTERWARDS = 3_000;
const GRACE = 30_000;

/** Rules that all fire when the documents of a burst come. Each run has services of its own: the documents of the one before are still there. */
export function burstQuestions(count: number, run: string): readonly BurstQuestion[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'errors',
    name: `burst-${i}`,
    service: `burst-${run}-${i}`,
    atLeast: NEEDED,
  }));
}

type BurstQuestion = Question & { readonly kind: 'errors' };

/** Starts an engine, waits until it is in its stride, writes the documents in the middle of an interval, and waits for the messages. */
export async function measureBurst<M>(
  engine: Engine<M>,
  setting: SettingOf<BurstQuestion>,
  sink: Sink,
  standing: number,
): Promise<Burst> {
  const running = await engine.start(setting);
  const seen = sink.arrivals.length;
  const rules = setting.questions.length;
  try {
    await untilEvaluated(running, setting, performance.now());
    const before = { cluster: (await clusterUsage(setting.client)).cpu, cpu: await cpuOf(running), at: performance.now() };
    await middleOfInterval(setting.every);
    const at = Date.now();
    const documents = setting.questions.flatMap(({ service }) => Array.from({ length: 2 * NEEDED }, () => errorOf(service, at)));
    await append(setting.client, setting.index, documents);
    const limit = at + 2 * setting.every * 1_000 + GRACE;
    while (sink.arrivals.length - seen < rules && Date.now() < limit) await sleep(50);
    await sleep(AFTERWARDS);
    const after = { cluster: (await clusterUsage(setting.client)).cpu, cpu: await cpuOf(running), at: performance.now() };
    const arrivals = sink.arrivals.slice(seen);
    const since = (arrival: number | undefined) => ((arrival ?? Number.NaN) - at) / 1_000;
    return {
      engine: engine.name,
      rules,
      messages: arrivals.length,
      first: since(arrivals[0]),
      last: since(arrivals.at(-1)),
      cpu: after.cpu - before.cpu,
      cluster: after.cluster - before.cluster - (standing * (after.at - before.at)) / 1_000,
    };
  } finally {
    await running.stop();
  }
}
