import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type Program, startProgram } from '../process/pinned.ts';
import { histogramQuantile, readMetrics, type Sample, total } from '../report/metrics-text.ts';
import type { Engine, Running, Setting } from './engine.ts';
import { tocsinRule } from './question.ts';

const MAIN = join(import.meta.dirname, '../../../dist/main.js');
const START_LIMIT = 60_000;

/** The built service, as many replicas as there are cores given, each on its own core; `flags` go to Node, to profile it. */
export function tocsin(cores: readonly number[] = [0], flags: readonly string[] = []): Engine<readonly Sample[]> {
  return {
    name: 'Tocsin',
    start: async (setting) => {
      await writeFiles(setting);
      const replicas = await Promise.all(cores.map((core) => startReplica(setting, core, flags)));
      return running(setting, replicas);
    },
  };
}

interface Replica {
  readonly program: Program;
  readonly address: string;
}

async function writeFiles(setting: Setting): Promise<void> {
  const { folder, url, run, questions, hook, every, index } = setting;
  await mkdir(join(folder, 'rules'), { recursive: true });
  const { username, password, origin } = new URL(url);
  const config = {
    namespace: run,
    elasticsearch: { url: origin, ...(username !== '' && { username, password: decodeURIComponent(password) }) },
    server: { port: 0 },
    rules: 'rules',
    receivers: [{ name: 'sink', webhook_configs: [{ url: hook }] }],
    route: { receiver: 'sink' },
  };
  await writeFile(join(folder, 'tocsin.yaml'), stringify(config));
  for (const question of questions)
    await writeFile(join(folder, 'rules', `${question.name}.yaml`), tocsinRule(question, { index, every, hook }));
}

async function startReplica({ folder }: Setting, core: number, flags: readonly string[]): Promise<Replica> {
  const log = join(folder, `replica-${core}.log`);
  const program = startProgram([process.execPath, ...flags, MAIN, 'run'], { cwd: folder, core, log });
  const limit = performance.now() + START_LIMIT;
  while (program.runs() && performance.now() < limit) {
    const address = addressIn(await readFile(log, 'utf8').catch(() => ''));
    if (address !== undefined) return { program, address };
    await sleep(50);
  }
  throw new Error(`Tocsin did not start:\n${(await readFile(log, 'utf8')).slice(-2_000)}`);
}

function addressIn(log: string): string | undefined {
  return /"address":"([^"]+)"/.exec(log)?.[1];
}

function running({ questions }: Setting, replicas: readonly Replica[]): Running<readonly Sample[]> {
  const mark = async () =>
    (
      await Promise.all(replicas.map(async ({ address }) => readMetrics(await (await fetch(`${address}/metrics`)).text())))
    ).flat();
  /** The service notes how long after its tick the turn of a rule began, and how long turns took: both together are no less than it was. */
  const late = (from: readonly Sample[], to: readonly Sample[], q: number) =>
    histogramQuantile(from, to, 'tocsin_evaluation_lag_seconds', q) + histogramQuantile(from, to, 'tocsin_turn_seconds', q);
  const evaluated = (samples: readonly Sample[]) => total(samples, 'tocsin_evaluations_total', { outcome: 'evaluated' });
  return {
    programs: replicas.map(({ program }) => program),
    evaluatedOnce: async () => Math.min(questions.length, evaluated(await mark())),
    mark,
    between: async (from, to) => ({
      evaluations: evaluated(to) - evaluated(from),
      lateHalf: late(from, to, 0.5),
      lateMost: late(from, to, 0.99),
    }),
    stop: async () => {
      await Promise.all(replicas.map(({ program }) => program.stop()));
    },
  };
}
