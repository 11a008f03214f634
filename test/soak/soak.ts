import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { createMemory } from '../../src/backends/embedded/memory-stores.ts';
import { parseDuration } from '../../src/core/duration.ts';
import { FORGET_AFTER } from '../../src/engine/retention/retention.ts';
import type { ServiceBackend } from '../../src/service/store.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { memorySample, processSample, type Sample, seriesOf } from './measure.ts';
import { indexSample, soakReally } from './real.ts';
import { type Part, soakPage, soakText } from './report.ts';
import { evaluateSeries } from './verdict.ts';
import { type Done, soakVirtually } from './virtual.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const USAGE = `npm run test:soak -- [--months 80d] [--virtual 6h] [--real 30m] [--write]; a length of 0s leaves a part out
--json FILE keeps what was seen, and --from FILE (several, in the order of the page) plays nothing and takes what was kept: parts may run side by side`;

async function main(): Promise<number> {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const options = {
    months: text('80d'),
    virtual: text('6h'),
    real: text('0s'),
    write: { type: 'boolean', default: false },
    json: { type: 'string' },
    from: { type: 'string', multiple: true },
  } as const;
  const { values } = parseArgs({ options });
  const kept = await Promise.all((values.from ?? []).map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Kept));
  if (kept.length > 0) return report(kept, values.write);
  const [months, hours, real] = [values.months, values.virtual, values.real].map((given) => {
    const length = given === '0s' ? 0 : parseDuration(given);
    if (length === undefined) throw new Error(USAGE);
    return length;
  });
  const parts: Part[] = [];
  if ((months ?? 0) > 0) parts.push(await monthsInMemory(months ?? 0));
  if ((hours ?? 0) > 0 || (real ?? 0) > 0) {
    await using cluster = await clusterOf();
    if ((hours ?? 0) > 0) parts.push(await hoursOverElasticsearch(hours ?? 0, cluster.url));
    if ((real ?? 0) > 0) parts.push(await reallyOverElasticsearch(real ?? 0, cluster.url));
  }
  const command = `npm run test:soak -- --months ${values.months} --virtual ${values.virtual} --real ${values.real}`;
  const seen: Kept = { command, parts };
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(seen));
  return report([seen], values.write);
}

/** What one run saw, and how it was called. */
interface Kept {
  readonly command: string;
  readonly parts: readonly Part[];
}

async function report(kept: readonly Kept[], write: boolean): Promise<number> {
  const parts = kept.flatMap((one) => one.parts);
  process.stdout.write(soakText(parts));
  const commands = kept.map(({ command }) => command).join('\n');
  if (write) await writeFile(join(import.meta.dirname, '../../docs/soak.md'), soakPage(parts, commands));
  return parts.every((part) => part.passed) ? 0 : 1;
}

async function clusterOf(): Promise<AsyncDisposable & { readonly url: string }> {
  const given = process.env['ELASTICSEARCH_URL'];
  return given ? { url: given, [Symbol.asyncDispose]: async () => undefined } : startElasticsearch();
}

/** Everything that is forgotten only after weeks: months, with the stores in memory. */
async function monthsInMemory(length: number): Promise<Part> {
  const stores = createMemory().stores('soak');
  const samples: Sample[] = [];
  const done = await soakVirtually({
    from: NOON,
    to: NOON + length,
    step: 2 * HOUR,
    pace: { every: 2 * HOUR, pods: 12 * HOUR, rules: DAY, receivers: 7 * DAY, silences: 6 * HOUR },
    replicas: 1,
    sampleEvery: 3 * DAY,
    stores: { ...stores, search: { ask: async () => [] }, ...OPEN },
    namespace: 'soak-months',
    elasticsearch: 'http://127.0.0.1:9',
    sample: async (now) => void samples.push({ ...(await processSample()), ...(await memorySample(stores, now)) }),
    progress: progress('months'),
  });
  const days = `${FORGET_AFTER / DAY} days`;
  return partOf('Months of virtual time, stores in memory', '3 days', samples, done, () => undefined, [
    `Rules are evaluated every two hours; 12 pods are replaced by pods with new names twice a day, a rule every day, a receiver every week, silences four times a day. Quiet alert groups, removed rules and silences are deleted after ${days}, history after 20 days, runs after 7. The stores are in the heap.`,
  ]);
}

/** What happens every few seconds: hours, two replicas that come and go, over a real Elasticsearch. */
async function hoursOverElasticsearch(length: number, url: string): Promise<Part> {
  const backend = elasticsearchBackend(testConfig(url), { namespace: 'soak-hours', replicas: 0 });
  const made = await backend.ensureIndices();
  if (!made.ok) throw new Error(made.message);
  const samples: Sample[] = [];
  const stores: ServiceBackend = { ...backend, ...OPEN, close: async () => undefined };
  try {
    const done = await soakVirtually({
      from: NOON,
      to: NOON + length,
      step: 10 * SECOND,
      pace: { every: MINUTE, pods: 20 * MINUTE, rules: HOUR, receivers: 2 * HOUR, silences: 15 * MINUTE },
      replicas: 2,
      replaced: HOUR,
      sampleEvery: Math.max(5 * MINUTE, Math.floor(length / 18)),
      stores,
      namespace: 'soak-hours',
      elasticsearch: url,
      sample: async () => void samples.push({ ...(await processSample()), ...(await indexSample(url)) }),
      progress: progress('hours'),
    });
    const period = `${Math.max(5, Math.round(length / 18 / MINUTE))} minutes`;
    return partOf('Hours of virtual time, two replicas over a real Elasticsearch', period, samples, done, stateIsSlower, [
      'Rules are evaluated every minute; 12 pods are replaced every 20 minutes, a rule every hour, a receiver every two hours, a silence every 15 minutes; each replica stops after an hour and another starts.',
    ]);
  } finally {
    await backend.close();
  }
}

/** The built command line in real time. */
async function reallyOverElasticsearch(length: number, url: string): Promise<Part> {
  const sampleEvery = Math.max(MINUTE, Math.floor(length / 20));
  // Silences are put there by hand, from the first moment.
  const backend = elasticsearchBackend(testConfig(url), { namespace: 'soak-real', replicas: 0 });
  const made = await backend.ensureIndices();
  await backend.close();
  if (!made.ok) throw new Error(made.message);
  const { samples, messages, errors, exitCode, lasted } = await soakReally({
    elasticsearch: url,
    lasts: length,
    pace: { every: 5 * SECOND, pods: MINUTE, rules: 2 * MINUTE, receivers: 5 * MINUTE, silences: MINUTE },
    sampleEvery,
    progress: progress('real'),
  });
  const done: Done = {
    polls: Math.round(lasted / SECOND),
    messages,
    replicas: 1,
    lines: {},
    errors: [...errors, ...(exitCode === 0 ? [] : [`it ended with ${exitCode}`])],
  };
  return partOf(
    'Real time, the built command line over a real Elasticsearch',
    `${Math.round(sampleEvery / SECOND)} s`,
    samples,
    done,
    stateIsSlower,
    [
      'Rules are evaluated every 5 seconds; 12 pods are replaced every minute, a rule every two minutes, a receiver every five, a silence every minute; files are reloaded every 5 seconds. V8 adapts the size of its heap slowly: a run of minutes would not reveal a slow leak, half an hour does.',
    ],
  );
}

const OPEN = {
  ensureIndices: async () => ({ ok: true, value: undefined }) as const,
  probe: async () => ({ state: new Map(), history: new Map() }),
  clockAhead: async () => 0,
  describe: async () => ({ ok: true, value: 'the stores of a soak' }) as const,
  renew: () => undefined,
  close: async () => undefined,
};

/** Within hours, nothing of this is old enough to be forgotten. */
function stateIsSlower(name: string): string | undefined {
  if (/documents: (alerts|notifications)|MiB of/.test(name)) return 'history.keep and runs.keep';
  if (/documents: runs/.test(name)) return 'runs.keep';
  return /documents: (rules|alert groups|silences)/.test(name) ? `${FORGET_AFTER / DAY} days` : undefined;
}

function partOf(
  title: string,
  period: string,
  samples: readonly Sample[],
  done: Done,
  boundedBy: (name: string) => string | undefined,
  notes: readonly string[],
): Part {
  const series = seriesOf(samples, boundedBy);
  return { title, period, series, done, notes, passed: isPassed(series, done) };
}

function isPassed(series: Part['series'], { messages, errors }: Done): boolean {
  // A soak in which nobody was notified anything has shown nothing.
  return (
    series.length > 0 &&
    messages > 0 &&
    errors.length === 0 &&
    series.every((one) => ['bounded', 'not evaluated'].includes(evaluateSeries(one).verdict))
  );
}

function progress(part: string): (text: string) => void {
  const began = Date.now();
  return (text) => void process.stderr.write(`${part}: ${text} (after ${Math.round((Date.now() - began) / SECOND)} s)\n`);
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(2);
  },
);
