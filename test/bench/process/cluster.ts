import { setTimeout as sleep } from 'node:timers/promises';
import type { Requests } from '../../support/elasticsearch/request.ts';
import { median } from '../report/numbers.ts';

/** What all nodes of a cluster did so far. */
export interface ClusterUsage {
  /** CPU time of their processes, ms. */
  readonly cpu: number;
  /** Searches and writes that they refused since their queues were full. */
  readonly refused: number;
}

interface Stats {
  readonly nodes: Readonly<Record<string, NodeStats>>;
}

interface NodeStats {
  readonly process: { readonly cpu: { readonly total_in_millis: number } };
  readonly thread_pool: Readonly<Record<string, { readonly rejected: number }>>;
}

/** A node refreshes its own statistics once a second: what is younger would not be counted, ms. */
export const STATISTICS_LAG = 1_100;

/** Reads what the nodes did, after the second that their statistics may lag behind. */
export async function clusterUsage(client: Requests): Promise<ClusterUsage> {
  await sleep(STATISTICS_LAG);
  const { nodes } = await client.json<Stats>('GET', '/_nodes/stats/process,thread_pool');
  const each = Object.values(nodes);
  const refusedBy = ({ thread_pool: pools }: NodeStats) =>
    ['search', 'write', 'get'].reduce((sum, name) => sum + (pools[name]?.rejected ?? 0), 0);
  return {
    cpu: each.reduce((sum, node) => sum + node.process.cpu.total_in_millis, 0),
    refused: each.reduce((sum, node) => sum + refusedBy(node), 0),
  };
}

const SAMPLES = 3;
/** A node that has just started compiles its code for a while: it takes twice as much until then. */
const WARM = 0.9;
const MOST_ROUNDS = 10;

/**
 * CPU time that a warm cluster takes when no engine asks anything, ms a second. Rounds of `seconds` are measured until one takes no less than
 * nine tenths of the round before, at most ten.
 */
export async function standingCost(client: Requests, seconds: number): Promise<number> {
  let last = await standingRound(client, seconds);
  for (let round = 1; round < MOST_ROUNDS; round++) {
    const next = await standingRound(client, seconds);
    if (next >= last * WARM) return Math.min(next, last);
    last = next;
  }
  return last;
}

/** The median of three samples, so that a merge which falls into one of them does not count. */
async function standingRound(client: Requests, seconds: number): Promise<number> {
  const samples: number[] = [];
  let last = { ...(await clusterUsage(client)), at: performance.now() };
  for (let sample = 0; sample < SAMPLES; sample++) {
    await sleep((seconds * 1_000) / SAMPLES - STATISTICS_LAG);
    const next = { ...(await clusterUsage(client)), at: performance.now() };
    samples.push(((next.cpu - last.cpu) * 1_000) / (next.at - last.at));
    last = next;
  }
  return median(samples);
}
