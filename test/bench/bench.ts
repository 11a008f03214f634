import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { deadline, systemClock } from '../../src/core/time.ts';
import { assemble, DELIVERY_DEFAULTS } from '../../src/engine/assemble.ts';
import { turn } from '../../src/engine/turn.ts';
import type { TurnPorts } from '../../src/engine/turn-ports.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { connection } from '../support/elasticsearch/connection.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';
import { readOptions, testRule } from '../support/engine/test-rule.ts';
import { plainRouting } from '../support/engine/world.ts';
import { fillIndex, HOUR } from './corpus.ts';

/**
 * What a turn costs: 1,000 rules due at once against a real Elasticsearch with 500,000 documents, in several kinds of rules, each measured
 * beside a baseline in the same run. Prints a table; `--documents N`, `--rules N`, `--rounds N` and `--shards N` change its size.
 */
const MINUTE = 60_000;
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const SIZE = {
  documents: option('documents', 500_000),
  rules: option('rules', 1_000),
  rounds: option('rounds', 5),
  shards: option('shards', 1),
};

interface Measured {
  readonly engine: number;
  readonly elasticsearch: number;
  readonly wall: number;
  readonly peak: number;
}

interface Candidate {
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly backend: ElasticsearchBackend;
  readonly measured: Measured[];
}

const say = (line: string) => process.stdout.write(`${line}\n`);

function selective(count: number, index: string): readonly Rule[] {
  return Array.from({ length: count }, (_, i) =>
    testRule({
      name: `selective-${i}`,
      index,
      kql: `service.name:"service-${i % 1_000}" and log.level:error`,
      condition: 'count >= 1000',
    }),
  );
}

function grouped(count: number, index: string): readonly Rule[] {
  return Array.from({ length: count }, (_, i) =>
    testRule({
      name: `grouped-${i}`,
      index,
      kql: `http.response.status_code >= ${200 + (i % 250)}`,
      groupBy: ['kubernetes.pod.name'],
      condition: 'count >= 100000',
    }),
  );
}

function metrics(count: number, index: string): readonly Rule[] {
  return Array.from({ length: count }, (_, i) =>
    testRule({
      name: `metric-${i}`,
      index,
      type: 'threshold',
      options: readOptions('threshold', { metrics: { slow: { p95: 'transaction.duration.us' }, total: { count: '*' } } }),
      kql: `service.name:service-${i}`,
      condition: 'total > 100000 && slow > 1900000',
    }),
  );
}

function portsOf(backend: ElasticsearchBackend, rules: readonly Rule[]): TurnPorts {
  return assemble({
    namespace: 'bench',
    backend,
    rules,
    troubles: [],
    routing: plainRouting(),
    destination: () => undefined,
    meta: undefined,
    kibana: undefined,
    io: { fetch, print: () => undefined },
    clock: systemClock,
    deadline,
    newToken: () => crypto.randomUUID(),
    delivery: DELIVERY_DEFAULTS,
  });
}

/** CPU time of all nodes so far, ms. A node refreshes its own statistics once a second, so what is younger would not be counted. */
async function elasticsearchCpu(url: string): Promise<number> {
  await systemClock.sleep(1_100);
  const stats = await es(url).json<{ nodes: Record<string, { process: { cpu: { total_in_millis: number } } }> }>(
    'GET',
    '/_nodes/stats/process',
  );
  return Object.values(stats.nodes).reduce((sum, node) => sum + node.process.cpu.total_in_millis, 0);
}

async function measureTurn(url: string, ports: TurnPorts, now: number): Promise<Measured> {
  const elasticsearchBefore = await elasticsearchCpu(url);
  const before = { cpu: process.cpuUsage(), at: performance.now() };
  let peak = process.memoryUsage().rss;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  const report = await turn({ now, due: [...ports.rules.values()], sweep: false }, ports, new AbortController().signal);
  clearInterval(watch);
  const failed = report.runs.filter((run) => run.outcome === 'failed');
  if (report.runs.length !== ports.rules.size || failed.length > 0 || report.storeProblems.length > 0) {
    throw new Error(
      `${report.runs.length} of ${ports.rules.size} judged, ${failed.length} failed: ${failed[0]?.problem?.message ?? report.storeProblems[0] ?? ''}`,
    );
  }
  const cpu = process.cpuUsage(before.cpu);
  const wall = performance.now() - before.at;
  const elasticsearch = (await elasticsearchCpu(url)) - elasticsearchBefore;
  return { engine: (cpu.user + cpu.system) / 1_000, wall, elasticsearch, peak };
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function printTable(candidates: readonly Candidate[]): void {
  const base = candidates[0];
  say('');
  say('| a turn of                                | engine CPU | Elasticsearch CPU | wall     | peak memory | ES CPU / first |');
  say('|------------------------------------------|-----------:|------------------:|---------:|------------:|---------------:|');
  for (const { name, measured } of candidates) {
    const of = (key: keyof Measured) => middle(measured.map((one) => one[key]));
    const ratio = base === undefined ? 1 : of('elasticsearch') / middle(base.measured.map((one) => one.elasticsearch));
    const cells = [
      name.padEnd(40),
      `${of('engine').toFixed(0)} ms`.padStart(10),
      `${of('elasticsearch').toFixed(0)} ms`.padStart(17),
      `${of('wall').toFixed(0)} ms`.padStart(8),
      `${(of('peak') / 2 ** 20).toFixed(0)} MiB`.padStart(11),
      ratio.toFixed(2).padStart(14),
    ];
    say(`| ${cells.join(' | ')} |`);
  }
}

async function main(): Promise<void> {
  const node = process.env['ELASTICSEARCH_URL'] === undefined ? await startElasticsearch({ heap: '1g' }) : undefined;
  const url = process.env['ELASTICSEARCH_URL'] ?? node?.url ?? '';
  const prefix = `bench-${Date.now()}-`;
  const index = `${prefix}logs`;
  const open = (name: string, search: object) =>
    elasticsearchBackend(connection(url), { namespace: name, indexPrefix: `${prefix}tocsin-`, search });
  const candidates: Candidate[] = [
    { name: `${SIZE.rules} selective counts`, rules: selective(SIZE.rules, index), backend: open('merged', {}), measured: [] },
    {
      name: `${SIZE.rules} selective counts, not merged`,
      rules: selective(SIZE.rules, index),
      backend: open('apart', { merge: false }),
      measured: [],
    },
    {
      name: `${SIZE.rules / 10} rules by pod (200 groups)`,
      rules: grouped(SIZE.rules / 10, index),
      backend: open('grouped', {}),
      measured: [],
    },
    {
      name: `${SIZE.rules / 10} rules with a p95`,
      rules: metrics(SIZE.rules / 10, index),
      backend: open('metrics', {}),
      measured: [],
    },
  ];
  try {
    say(`indexing ${SIZE.documents} documents into ${SIZE.shards} shard(s) …`);
    await fillIndex(url, index, SIZE.documents, SIZE.shards);
    await candidates[0]?.backend.ensureIndices();
    // Candidates take turns, so that a noisy moment of the machine falls on all of them; the first round warms up.
    const engines = candidates.map((candidate) => portsOf(candidate.backend, candidate.rules));
    for (let round = 0; round <= SIZE.rounds; round++) {
      for (const [which, candidate] of candidates.entries()) {
        const ports = engines[which];
        if (ports === undefined) continue;
        const measured = await measureTurn(url, ports, HOUR.from + 20 * MINUTE + round * MINUTE);
        if (round > 0) candidate.measured.push(measured);
      }
      say(round === 0 ? 'warmed up' : `round ${round} of ${SIZE.rounds}`);
    }
    printTable(candidates);
  } finally {
    await Promise.all(candidates.map(({ backend }) => backend.close()));
    await es(url).removeIndices(prefix);
    await node?.stop();
  }
}

await main();
