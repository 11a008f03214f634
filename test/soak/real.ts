import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { es } from '../support/elasticsearch/request.ts';
import { startHttpRecorder } from '../support/http-recorder.ts';
import { configFile, documentsOf, isNotifiable, type Pace, ruleFiles, silenceAt } from './churn.ts';
import { openFiles, type Sample } from './measure.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const INDEX = 'logs-soak';
const NAMESPACE = 'soak-real';

/** A soak of the built command line in real time, over a real Elasticsearch. */
export interface RealSoak {
  readonly elasticsearch: string;
  readonly lasts: number;
  readonly pace: Pace;
  readonly sampleEvery: number;
  readonly progress: (text: string) => void;
}

/** What the process did and needed. */
export interface RealDone {
  readonly samples: readonly Sample[];
  readonly messages: number;
  readonly errors: readonly string[];
  readonly exitCode: number | null;
  /** How long it ran, ms. */
  readonly lasted: number;
}

/** Runs a soak; afterwards the process is stopped in order. */
export async function soakReally(soak: RealSoak): Promise<RealDone> {
  if (!existsSync(MAIN)) throw new Error('dist/main.js is missing: run `npm run build` first');
  const cluster = es(soak.elasticsearch);
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-soak-'));
  await mkdir(join(folder, 'rules'));
  await using hook = await startHttpRecorder();
  const mappings = { properties: { '@timestamp': { type: 'date' }, pod: { type: 'keyword' }, service: { type: 'keyword' } } };
  await cluster.json('PUT', `/${INDEX}`, { settings: { number_of_replicas: 0 }, mappings: { ...mappings, dynamic: true } });
  await writeFiles(folder, soak, hook.url);
  const child = spawn(process.execPath, ['--expose-gc', MAIN, 'run'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const errors: string[] = [];
  let address = '';
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{')) return;
    const { level, msg, receiver, address: listens } = JSON.parse(text) as Readonly<Record<string, string>>;
    if (listens !== undefined) address = listens;
    if (level === 'error' && errors.length < 10 && !isNotifiable({ msg, receiver })) errors.push(String(msg));
  });
  const samples: Sample[] = [];
  const began = Date.now();
  let lasted = 0;
  try {
    let fed = began - soak.pace.every;
    let sampled = began;
    let lowest = Number.POSITIVE_INFINITY;
    while (Date.now() - began < soak.lasts && child.exitCode === null) {
      const now = Date.now();
      await cluster.bulk(
        INDEX,
        documentsOf(fed, now, soak.pace.every / 2, soak.pace).map(({ source }) => source),
      );
      fed = now;
      await writeFiles(folder, soak, hook.url);
      await putSilence(soak, now);
      const metrics = address === '' ? '' : await fetch(`${address}/metrics`).then((answer) => answer.text());
      // The least of an interval is what is left after a collection.
      lowest = Math.min(lowest, metric(metrics, 'nodejs_heap_size_used_bytes') || Number.POSITIVE_INFINITY);
      if (now - sampled >= soak.sampleEvery) {
        sampled = now;
        samples.push({
          'heap, least of the interval': lowest,
          'resident memory': metric(metrics, 'process_resident_memory_bytes'),
          'open files and sockets': await openFiles(child.pid ?? 0),
          'active resources': metric(metrics, 'nodejs_active_resources_total'),
          ...(await indexSample(soak.elasticsearch)),
        });
        lowest = Number.POSITIVE_INFINITY;
        soak.progress(`${Math.round((now - began) / 60_000)} min, ${hook.requests.length} messages`);
      }
      await sleep(3_000);
    }
    lasted = Date.now() - began;
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
    await cluster.json('DELETE', `/${INDEX}`);
  }
  return { samples, messages: hook.requests.length, errors, exitCode: child.exitCode, lasted };
}

async function writeFiles(folder: string, { pace, elasticsearch }: RealSoak, hook: string): Promise<void> {
  const now = Date.now();
  const rest = 'server: { port: 0 }\nreload_interval: 5s\n';
  await writeChanged(join(folder, 'tocsin.yaml'), configFile(now, pace, { namespace: NAMESPACE, elasticsearch, hook, rest }));
  const files = ruleFiles(now, pace);
  for (const name of await readdir(join(folder, 'rules'))) if (!(name in files)) await unlink(join(folder, 'rules', name));
  for (const [name, text] of Object.entries(files)) await writeChanged(join(folder, 'rules', name), text);
}

async function writeChanged(file: string, text: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => '')) !== text) await writeFile(file, text);
}

async function putSilence({ elasticsearch, pace }: RealSoak, now: number): Promise<void> {
  const silence = silenceAt(now, pace);
  const { id, starts_at, ends_at } = silence;
  const body = { namespace: NAMESPACE, id, starts_at, ends_at, body: silence };
  await es(elasticsearch)
    .json('PUT', `/tocsin-silences/_doc/${encodeURIComponent(`${NAMESPACE}:${id}`)}`, body)
    .catch(() => undefined);
}

/** A metric without labels out of Prometheus' text; 0 when it is not there. */
function metric(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}

/** Documents and megabytes of each kind of Tocsin's indices. */
export async function indexSample(elasticsearch: string): Promise<Sample> {
  const cluster = es(elasticsearch);
  await cluster.refresh('tocsin-*');
  const rows = await cluster.json<readonly Readonly<Record<string, string>>[]>(
    'GET',
    '/_cat/indices/tocsin-*?format=json&bytes=b&h=index,docs.count,store.size',
  );
  const sample: Record<string, number> = {};
  for (const row of rows) {
    const kind = String(row['index'])
      .replace(/^tocsin-/, '')
      .replace(/-\d{4}.*/, '');
    sample[`documents: ${kind}`] = (sample[`documents: ${kind}`] ?? 0) + Number(row['docs.count'] ?? 0);
  }
  sample['MiB of all indices'] = rows.reduce((sum, row) => sum + Number(row['store.size'] ?? 0), 0) / 1_048_576;
  return sample;
}
