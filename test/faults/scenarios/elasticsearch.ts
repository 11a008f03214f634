import { setTimeout as pause } from 'node:timers/promises';
import { es } from '../../support/elasticsearch/request.ts';
import type { Cluster } from '../stage/cluster.ts';
import type { Fate } from '../stage/gate.ts';
import { oneOf, type Random, wholeNumber } from '../stage/random.ts';
import { type Asked, type Stage, until } from '../stage/stage.ts';
import type { Scenario } from './scenario.ts';

const common = { part: 'Elasticsearch', cluster: 'shared', main: 14, seeds: 6, fast: 0 } as const;
const own = { ...common, cluster: 'own', seeds: 3 } as const;

/** What goes wrong in the main part of a story: each request meets its fate with a probability. */
function often(probability: number, fateOf: (random: Random, asked: Asked) => Fate): Scenario['strike'] {
  return async (stage) => {
    await stage.second(1);
    stage.fate = (asked) => (stage.random() < probability ? fateOf(stage.random, asked) : 'pass');
    await stage.second(stage.story.main);
    stage.fate = () => 'pass';
  };
}

/** Every request of some seconds meets the same fate. */
function outage(fate: Fate): Scenario['strike'] {
  return async (stage) => {
    const first = wholeNumber(stage.random, 2, 5);
    await stage.second(first);
    stage.fate = () => fate;
    await stage.second(first + wholeNumber(stage.random, 4, 7));
    stage.fate = () => 'pass';
    await stage.second(stage.story.main);
  };
}

const TOO_MANY: Fate = {
  status: 429,
  body: {
    error: {
      root_cause: [{ type: 'es_rejected_execution_exception', reason: 'rejected execution of task: queue capacity' }],
      type: 'es_rejected_execution_exception',
      reason: 'rejected execution of task: queue capacity',
    },
    status: 429,
  },
};

const UNAVAILABLE: Fate = {
  status: 503,
  body: {
    error: { root_cause: [], type: 'master_not_discovered_exception', reason: null },
    status: 503,
  },
};

/** A search of which a shard did not answer, as a cluster reports it that was allowed to give a part. */
export const PARTIAL: Fate = {
  status: 200,
  body: {
    took: 3,
    responses: [
      {
        took: 3,
        timed_out: false,
        _shards: {
          total: 2,
          successful: 1,
          skipped: 0,
          failed: 1,
          failures: [
            { shard: 1, index: 'logs', reason: { type: 'no_shard_available_action_exception', reason: 'no shard copy' } },
          ],
        },
        hits: { total: { value: 0, relation: 'eq' }, max_score: null, hits: [] },
        aggregations: { groups: { doc_count_error_upper_bound: 0, sum_other_doc_count: 0, buckets: [] } },
        status: 200,
      },
    ],
  },
};

const isWrite = ({ step }: Asked) =>
  ['save rules', 'enqueue', 'enqueue and claim', 'claim', 'take over', 'record', 'record and claim', 'write leases'].includes(
    step,
  );

const MIXED: readonly Fate[] = [
  ...(['lose the request', 'lose the answer', 'half an answer', 'hang', 'hang after it was done'] as const),
  ...[TOO_MANY, UNAVAILABLE, { delay: 1_500 }],
];

async function killed(stage: Stage, cluster: Cluster): Promise<void> {
  await stage.second(wholeNumber(stage.random, 3, 6));
  await cluster.kill(0);
  stage.struck++;
  stage.moved(0, await cluster.start(0));
}

async function restarted(stage: Stage, cluster: Cluster): Promise<void> {
  await stage.second(wholeNumber(stage.random, 3, 6));
  await cluster.stop(0);
  stage.struck++;
  stage.moved(0, await cluster.start(0));
}

/** The primary of one index finds no node that may hold it after a restart: searches and writes of it fail until it does. */
async function red(stage: Stage, cluster: Cluster): Promise<void> {
  await stage.second(wholeNumber(stage.random, 3, 6));
  const index = oneOf(stage.random, ['tocsin-rules', 'tocsin-alert-groups', stage.index]);
  const setting = 'index.routing.allocation.require._name';
  await es(cluster.urls[0] ?? '').json('PUT', `/${index}/_settings`, { [setting]: 'nobody' });
  await cluster.stop(0);
  const url = await cluster.start(0, 'red');
  stage.moved(0, url);
  const health = () => es(url).json<{ status: string }>('GET', `/_cluster/health/${index}?timeout=1s&wait_for_status=red`);
  await until('the index is red', 20_000, async () => (await health().catch(() => ({ status: '' }))).status === 'red');
  stage.struck++;
  await pause(6_000);
  await es(url).json('PUT', `/${index}/_settings`, { [setting]: null });
}

/** Blocks of all of Tocsin's indices, set again and again: Elasticsearch lifts one of them by itself. */
function blocked(block: 'write' | 'read_only' | 'read_only_allow_delete'): Scenario['strike'] {
  return async (stage) => {
    const client = es(stage.cluster[0] ?? '');
    const first = wholeNumber(stage.random, 2, 4);
    await stage.second(first);
    for (let half = 0; half < 12; half++) {
      await client.json('PUT', '/tocsin-*/_settings', { [`index.blocks.${block}`]: true });
      stage.struck++;
      await stage.second(first + half / 2);
    }
    await client.json('PUT', '/tocsin-*/_settings', { [`index.blocks.${block}`]: null });
    await stage.second(stage.story.main);
  };
}

/** The node that holds the primaries dies for good; its twin goes on. */
async function primaryLost(stage: Stage, cluster: Cluster): Promise<void> {
  const client = es(cluster.urls[0] ?? '');
  await client.json('GET', '/_cluster/health?wait_for_status=green&timeout=30s');
  await stage.second(wholeNumber(stage.random, 3, 6));
  const shards = await client.json<readonly { index: string; prirep: string; node: string }[]>(
    'GET',
    '/_cat/shards/tocsin-rules,tocsin-alert-groups?format=json',
  );
  const primary = shards.find(({ prirep }) => prirep === 'p')?.node === 'two' ? 1 : 0;
  await cluster.kill(primary);
  stage.struck++;
  const other = cluster.urls[1 - primary] ?? '';
  stage.lookAt(other);
  await stage.second(stage.story.main);
}

/** Faults of the cluster and of the way to it. */
export const elasticsearchScenarios: readonly Scenario[] = [
  { ...own, name: 'es-killed', title: 'The node is killed and restarted with its data', strike: killed },
  { ...own, name: 'es-restarted', title: 'The node is shut down and restarted', strike: restarted },
  { ...own, name: 'es-red', title: 'One index is red for some seconds', strike: red },
  { ...own, name: 'es-read-only', title: 'The state indices are read-only', strike: blocked('read_only') },
  {
    ...own,
    name: 'es-disk-full',
    title: 'The state indices are blocked because the disk is full',
    strike: blocked('read_only_allow_delete'),
  },
  {
    ...common,
    name: 'es-primary-lost',
    title: 'Two nodes: the one with the primaries is killed permanently',
    cluster: 'pair',
    seeds: 3,
    main: 20,
    strike: primaryLost,
  },
  { ...common, name: 'es-429', title: 'Requests are rejected with 429', strike: often(0.4, () => TOO_MANY) },
  { ...common, name: 'es-503', title: 'Every request fails with 503', strike: outage(UNAVAILABLE) },
  { ...common, name: 'es-away', title: 'Every connection fails', strike: outage('lose the request') },
  { ...common, name: 'es-timeout', title: 'Requests are not answered', strike: often(0.15, () => 'hang') },
  {
    ...common,
    name: 'es-late-timeout',
    title: 'Requests are executed but not answered',
    strike: often(0.15, () => 'hang after it was done'),
  },
  {
    ...common,
    name: 'es-partial',
    title: 'A shard does not answer searches',
    strike: often(0.4, (_random, { step }) => (step === 'ask' ? PARTIAL : 'pass')),
  },
  {
    ...common,
    name: 'es-slow',
    title: 'Every response takes up to two seconds',
    strike: often(1, (random) => ({ delay: wholeNumber(random, 0, 2_000) })),
  },
  { ...common, name: 'es-half', title: 'Responses are cut off half-way', strike: often(0.3, () => 'half an answer') },
  {
    ...common,
    name: 'es-lost-ack',
    title: 'Connections fail after a write was applied: the acknowledgement is lost',
    strike: often(0.4, (_random, asked) => (isWrite(asked) ? 'lose the answer' : 'pass')),
  },
  {
    ...common,
    name: 'es-mixed',
    title: 'A random mix of these',
    fast: 1,
    seeds: 9,
    strike: often(0.2, (random) => oneOf(random, MIXED)),
  },
];
