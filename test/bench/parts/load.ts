import { cpus } from 'node:os';
import { join } from 'node:path';
import { type Measured, measureRun } from '../engines/measure.ts';
import { tocsin } from '../engines/tocsin.ts';
import { selective } from '../engines/workloads.ts';
import { startSink } from '../live/sink.ts';
import { startStream } from '../live/stream.ts';
import { standingCost } from '../process/cluster.ts';
import { count, cpu, mebibytes, seconds } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { Bench, Tables } from './setting.ts';

const SHARDS = 20;
const STANDING_SECONDS = 15;
/** Two replicas share evenly after less than this, ms. */
const SHARING = 60_000;
/** A whole minute, as users run it. */
const EVERY = 60;

/** What the built service takes by itself: rules over many shards, and very many rules on two replicas. */
export async function measureLoad(bench: Bench): Promise<Tables> {
  const { client, options, say } = bench;
  await using sink = await startSink();
  const measure = async (name: string, rules: number, shards: number, cores: readonly number[], every: number) => {
    const stream = await startStream(client, `${bench.prefix}${name}`, shards);
    const standing = await standingCost(client, STANDING_SECONDS);
    const setting = {
      client,
      url: bench.url,
      index: stream.index,
      questions: selective(rules),
      every,
      hook: sink.url,
      folder: join(bench.folder, name),
      run: `${bench.prefix}${name}`,
    };
    const settle = cores.length > 1 ? SHARING : 0;
    const measured = await measureRun(tocsin(cores), setting, { intervals: 1, settle, standing });
    await stream.stop();
    await client.removeIndices(stream.index);
    say(
      `${count(rules)} rules over ${shards} shard(s), ${cores.length} replica(s): ${cpu(measured.cpu)} of CPU, ${cpu(measured.cluster)} of Elasticsearch’s`,
    );
    return measured;
  };
  const two = cpus().length > 1 ? [0, 1] : [0];
  const rows = [
    rowOf(`${count(1_000)} rules, ${SHARDS} shards`, await measure('shards', 1_000, SHARDS, [0], options.every)),
    rowOf(`${count(options.many)} rules, two replicas`, await measure('many', options.many, 1, two, EVERY)),
  ];
  const head = [
    'Tocsin',
    'evaluated',
    'engine CPU',
    'Elasticsearch CPU',
    'peak memory',
    'late, median',
    'late, p99',
    'first round',
    'refused',
  ];
  return { load: markdownTable(head, rows) };
}

function rowOf(title: string, one: Measured): readonly string[] {
  return [
    title,
    `${count(Math.round(one.evaluations))} of ${count(one.rules)}`,
    cpu(one.cpu),
    cpu(one.cluster),
    mebibytes(one.peak),
    `≤ ${seconds(one.lateHalf)}`,
    `≤ ${seconds(one.lateMost)}`,
    seconds(one.start.seconds),
    String(one.refused),
  ];
}
