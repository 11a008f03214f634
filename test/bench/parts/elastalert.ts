import { join } from 'node:path';
import { type Burst, burstQuestions, measureBurst } from '../engines/burst.ts';
import { elastalert } from '../engines/elastalert.ts';
import type { Engine, SettingOf } from '../engines/engine.ts';
import { type Measured, measureRun } from '../engines/measure.ts';
import { installElastalert } from '../engines/python.ts';
import type { Question } from '../engines/question.ts';
import { tocsin } from '../engines/tocsin.ts';
import { WORKLOADS } from '../engines/workloads.ts';
import { startSink } from '../live/sink.ts';
import { startStream } from '../live/stream.ts';
import { standingCost } from '../process/cluster.ts';
import { cpu, seconds } from '../report/numbers.ts';
import { burstTable, type Compared, measuredTable, ratioTable } from './comparison-tables.ts';
import type { Bench, Tables } from './setting.ts';

const BURST = 200;
const STANDING_SECONDS = 15;

/** The built service beside ElastAlert2: one at a time, in turns, on the same cluster, with the same documents and questions. */
export async function compareWithElastalert(bench: Bench): Promise<Tables> {
  const { client, options, say } = bench;
  const theirs = elastalert(await installElastalert(options.python, say));
  const ours = tocsin();
  await using sink = await startSink();
  const stream = await startStream(client, `${bench.prefix}live`);
  const standing = await standingCost(client, STANDING_SECONDS);
  say(`the documents alone take ${cpu(standing * 60)} of Elasticsearch CPU a minute, which is taken off`);
  let run = 0;
  const settingOf = <Q extends Question>(questions: readonly Q[]): SettingOf<Q> => {
    run += 1;
    return {
      client,
      url: bench.url,
      index: stream.index,
      questions,
      every: options.every,
      hook: sink.url,
      folder: join(bench.folder, `run-${run}`),
      run: `${bench.prefix}${run}`,
    };
  };
  const compared: Compared[] = [];
  const wanted = WORKLOADS.filter(({ name }) => isWanted(options.only, name));
  for (const [place, { title, questions }] of wanted.entries()) {
    const measure = async <M>(engine: Engine<M>) => {
      const measured = await measureRun(engine, settingOf(questions), { intervals: options.intervals, standing });
      say(progress(title, measured));
      return measured;
    };
    // They take turns in being first, so that neither always finds the cluster warm.
    const first = place % 2 === 0 ? await measure(theirs) : undefined;
    const own = await measure(ours);
    compared.push({ title, theirs: first ?? (await measure(theirs)), ours: own });
  }
  const bursts: Burst[] = [];
  if (isWanted(options.only, 'burst')) {
    const measure = async <M>(engine: Engine<M>) => {
      const burst = await measureBurst(engine, settingOf(burstQuestions(BURST, engine.name)), sink, standing);
      say(`a burst: ${engine.name} sent ${burst.messages} messages, the last after ${seconds(burst.last)}`);
      bursts.push(burst);
    };
    await measure(theirs);
    await measure(ours);
  }
  await stream.stop();
  return {
    ...(compared.length > 0 && { comparison: measuredTable(compared), ratios: ratioTable(compared) }),
    ...(bursts.length > 0 && { burst: burstTable(bursts) }),
  };
}

function isWanted(only: readonly string[], name: string): boolean {
  return only.length === 0 || only.includes(name);
}

function progress(title: string, one: Measured): string {
  return `${title}: ${one.engine} took ${cpu(one.cpu)} of CPU and ${cpu(one.cluster)} of Elasticsearch’s for ${Math.round(one.evaluations)} evaluations`;
}
