import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { elasticsearchBackend } from '../../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { systemClock } from '../../../src/core/time.ts';
import { play } from '../../../src/replay/play.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';
import { metered } from '../../../src/search/range/meter.ts';
import { deliverySettings } from '../../../src/service/destinations.ts';
import { connection } from '../../support/elasticsearch/connection.ts';
import type { Requests } from '../../support/elasticsearch/request.ts';
import { installElastalert } from '../engines/python.ts';
import { LIVE_MAPPING } from '../live/documents.ts';
import { count, ratio, seconds } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { Bench, Tables } from './setting.ts';

const MINUTE = 60_000;
const FROM = Date.parse('2026-01-01T00:00:00.000Z');
const SERVICES = 50;
const WINDOW = 5 * MINUTE;
const BULK = 10_000;
const NEVER = 1_000_000_000;
const MAIN = join(import.meta.dirname, '..', '..', '..', 'dist', 'main.js');

/** One question in the words of both, asked every minute of the last five. */
interface Replayed {
  readonly title: string;
  readonly ours: object;
  readonly theirs: object;
  /** The same of Elasticsearch alone, in as few searches as its limit on buckets lets. */
  readonly well: Well;
}

/** Aggregations over many windows; `windows` is how many fit into one search. */
interface Well {
  readonly windows: number;
  readonly filter?: object;
  aggs(ticks: readonly number[]): object;
}

/** Fewer buckets than the limit of a cluster as it is installed, 65,536. */
const BUCKETS = 60_000;
const BY_SERVICE = { field: 'service.name', size: SERVICES + 10 };
const BY_MINUTE = { field: '@timestamp', fixed_interval: '1m', min_doc_count: 1 };

const QUESTIONS: readonly Replayed[] = [
  {
    title: 'selective count',
    ours: { type: 'frequency', query: 'log.level:error', condition: `count >= ${NEVER}` },
    theirs: { type: 'frequency', num_events: NEVER, use_count_query: true, filter: [{ term: { 'log.level': 'error' } }] },
    well: {
      windows: BUCKETS,
      filter: { term: { 'log.level': 'error' } },
      aggs: () => ({ slices: { date_histogram: BY_MINUTE } }),
    },
  },
  {
    title: 'count by service (50 groups)',
    ours: { type: 'frequency', group_by: ['service.name'], condition: `count >= ${NEVER}` },
    theirs: { type: 'frequency', num_events: NEVER, query_key: 'service.name', use_terms_query: true, terms_size: SERVICES + 10 },
    well: {
      windows: Math.floor(BUCKETS / (SERVICES + 1)),
      aggs: () => ({ slices: { date_histogram: BY_MINUTE, aggs: { services: { terms: BY_SERVICE } } } }),
    },
  },
  {
    title: 'p95 by service (50 groups)',
    ours: {
      type: 'threshold',
      group_by: ['service.name'],
      metrics: { slow: { p95: 'transaction.duration.us' } },
      condition: `slow > ${NEVER}`,
    },
    theirs: {
      type: 'metric_aggregation',
      query_key: 'service.name',
      metric_agg_key: 'transaction.duration.us',
      metric_agg_type: 'percentiles',
      percentile_range: 95,
      max_threshold: NEVER,
      buffer_time: { minutes: 5 },
    },
    well: {
      windows: 1_000,
      aggs: (ticks) => ({
        windows: {
          date_range: { field: '@timestamp', format: 'epoch_millis', ranges: ticks.map((to) => ({ from: to - WINDOW, to })) },
          aggs: {
            services: {
              terms: BY_SERVICE,
              aggs: { slow: { percentiles: { field: 'transaction.duration.us', percents: [95] } } },
            },
          },
        },
      }),
    },
  },
];

/**
 * The command for a dry run, and a dry run tick by tick, beside ElastAlert2's command that tests a rule over the past and Elasticsearch alone, asked well; in turns,
 * on the same documents.
 */
export async function measureReplay({ url, client, prefix, folder, options, say }: Bench): Promise<Tables> {
  const programs = await installElastalert(options.python, say);
  const index = `${prefix}replay`;
  const to = FROM + options.minutes * MINUTE;
  say(`indexing ${count(options.documents)} documents over ${count(options.minutes)} minutes …`);
  await fill(client, index, options.documents, to);
  await mkdir(folder, { recursive: true });
  const rows: string[][] = [];
  for (const [place, question] of QUESTIONS.entries()) {
    const ahead = await dryRunCommand(question, { url, folder, index, to });
    const theirs = await testRule(question, { programs, url, folder, index, to, prefix, place });
    const alone = await tickByTick(question, { url, folder, index, to });
    const well = await askWell(question, { client, index, to });
    const { title } = question;
    const others = `tick by tick ${seconds(alone.took)}, ElastAlert2 ${seconds(theirs)}, Elasticsearch alone ${seconds(well)}`;
    say(`${title}: ahead ${seconds(ahead.took)}, ${others}`);
    rows.push([
      title,
      seconds(ahead.took),
      count(ahead.searches),
      seconds(well),
      ratio(ahead.took, well),
      seconds(alone.took),
      count(alone.searches),
      seconds(theirs),
      ratio(alone.took, ahead.took),
      ratio(theirs, ahead.took),
    ]);
  }
  const head = [
    '',
    'dry-run',
    'searches',
    'Elasticsearch alone, asked well',
    'dry-run / Elasticsearch alone',
    'tick by tick',
    'searches',
    'ElastAlert2',
    'tick by tick / dry-run',
    'ElastAlert2 / dry-run',
  ];
  return { replay: markdownTable(head, rows) };
}

interface Asked {
  readonly url: string;
  readonly folder: string;
  readonly index: string;
  readonly to: number;
}

async function writeRule({ ours }: Replayed, { folder, index }: Asked): Promise<string> {
  const file = join(folder, 'rule.yaml');
  await writeFile(file, stringify({ name: 'replayed', index, every: '1m', window: '5m', delay: '0s', ...ours }));
  return file;
}

/** Seconds of the built command from its start to its end, and its searches. */
async function dryRunCommand(question: Replayed, asked: Asked) {
  const file = await writeRule(question, asked);
  const config = join(asked.folder, 'tocsin.yaml');
  await writeFile(config, stringify({ elasticsearch: { url: asked.url } }));
  const range = ['--from', new Date(FROM).toISOString(), '--to', new Date(asked.to).toISOString()];
  const words = [MAIN, 'dry-run', file, '--config', config, ...range, '--format', 'json'];
  const began = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 64 * 1024 * 1024 });
  const took = (performance.now() - began) / 1_000;
  const { rules, searches } = JSON.parse(stdout) as DryRunJson;
  if (rules.some(({ failed }) => failed > 0)) throw new Error(JSON.stringify(rules));
  return { took, searches: searches.count };
}

interface DryRunJson {
  readonly rules: readonly { readonly failed: number }[];
  readonly searches: { readonly count: number };
}

/** Seconds of the same dry run without range queries, which no option of the command turns off; and its searches. */
async function tickByTick(question: Replayed, asked: Asked) {
  const { url, to } = asked;
  const file = await writeRule(question, asked);
  const config = await loadConfig(undefined, {}, 'none');
  const { rules } = await loadRules([file], {});
  if (!config.ok || rules.length === 0) throw new Error('the rule of the benchmark cannot be read');
  const backend = elasticsearchBackend(connection(url), { namespace: 'replay' });
  const { search, total } = metered(backend.search, backend.ranges);
  const began = performance.now();
  try {
    const report = await play({
      rules,
      failures: [],
      settings: deliverySettings(config.value),
      search,
      range: { from: FROM, to },
      warmUp: 0,
      clock: systemClock,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    if (report.rules.some(({ failed }) => failed > 0)) throw new Error(JSON.stringify(report.rules[0]?.problems));
    return { took: (performance.now() - began) / 1_000, searches: total().searches };
  } finally {
    await backend.close();
  }
}

/** Seconds that Elasticsearch alone takes: one search after the other, their answers read and thrown away. */
async function askWell(
  { well }: Replayed,
  { client, index, to }: Pick<Asked, 'index' | 'to'> & { readonly client: Requests },
): Promise<number> {
  const ticks = Array.from({ length: (to - FROM) / MINUTE }, (_, place) => FROM + (place + 1) * MINUTE);
  const began = performance.now();
  for (let first = 0; first < ticks.length; first += well.windows) {
    const some = ticks.slice(first, first + well.windows);
    const range = { gte: (some[0] ?? FROM) - WINDOW, lt: some.at(-1) ?? to, format: 'epoch_millis' };
    const filter = [{ range: { '@timestamp': range } }, ...(well.filter === undefined ? [] : [well.filter])];
    await client.json('POST', `/${index}/_search`, {
      size: 0,
      track_total_hits: false,
      query: { bool: { filter } },
      aggs: well.aggs(some),
    });
  }
  return (performance.now() - began) / 1_000;
}

interface Tested extends Asked {
  readonly programs: string;
  readonly prefix: string;
  readonly place: number;
}

/** Seconds that `elastalert-test-rule` takes. */
async function testRule({ theirs }: Replayed, { programs, url, folder, index, to, prefix, place }: Tested): Promise<number> {
  const { hostname, port } = new URL(url);
  const config = {
    rules_folder: '.',
    run_every: { minutes: 1 },
    buffer_time: { minutes: 5 },
    es_host: hostname,
    es_port: Number(port),
    writeback_index: `${prefix}replay-elastalert-${place}`,
  };
  const rule = {
    name: `replayed-${place}`,
    index,
    timeframe: { minutes: 5 },
    realert: { hours: 1 },
    alert: ['debug'],
    filter: [],
    ...theirs,
  };
  await writeFile(join(folder, 'elastalert.yaml'), stringify(config));
  await writeFile(join(folder, 'elastalert-rule.yaml'), stringify(rule));
  const range = ['--start', iso(FROM), '--end', iso(to)];
  const words = ['--config', 'elastalert.yaml', ...range, 'elastalert-rule.yaml'];
  const began = performance.now();
  await promisify(execFile)(join(programs, 'elastalert-test-rule'), words, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return (performance.now() - began) / 1_000;
}

/** Without milliseconds, as ElastAlert2 takes a moment. */
function iso(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19);
}

async function fill(client: Requests, index: string, documents: number, to: number): Promise<void> {
  await client.json('PUT', `/${index}`, {
    settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: '-1', 'index.requests.cache.enable': false },
    mappings: LIVE_MAPPING,
  });
  for (let from = 0; from < documents; from += BULK) {
    const batch = Array.from({ length: Math.min(BULK, documents - from) }, (_, i) => documentAt(from + i, documents, to));
    await client.bulk(index, batch);
  }
  await client.json('POST', `/${index}/_forcemerge?max_num_segments=1`);
  await client.refresh(index);
}

function documentAt(position: number, documents: number, to: number): object {
  const spread = (position * 7_919) % documents;
  const error = position % 200 === 0;
  return {
    '@timestamp': new Date(FROM + Math.floor((position / documents) * (to - FROM))).toISOString(),
    'service.name': `service-${spread % SERVICES}`,
    'log.level': error ? 'error' : 'info',
    'transaction.duration.us': (spread * 31) % 2_000_000,
  };
}
