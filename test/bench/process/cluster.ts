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

/**
 * CPU time that a cluster takes when no engine asks anything, ms a second: the median of three samples within `seconds`, so that a merge which
 * falls into one of them does not count.
 */
export async function standingCost(client: Requests, seconds: number): Promise<number> {
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
