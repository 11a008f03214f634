import { type ElasticsearchBackend, elasticsearchBackend } from '../../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { connection } from '../../support/elasticsearch/connection.ts';
import { fillIndex } from '../in-process/corpus.ts';
import { groupedRules, selectiveRules } from '../in-process/rules.ts';
import { type Candidate, candidate, measureTurns, middleOf } from '../in-process/turns.ts';
import { count, cpu } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { Bench, Tables } from './setting.ts';

/** Ten times the documents, the same rules. */
const GROWTH = 10;
const RULES = [100, 300, 1_000, 3_000] as const;

/** Whether memory grows with the documents in the window, and what a rule costs as there are more of them. */
export async function measureGrowth({ url, client, prefix, options, say }: Bench): Promise<Tables> {
  const few = `${prefix}growth-few`;
  const many = `${prefix}growth-many`;
  const backends: ElasticsearchBackend[] = [];
  const open = (name: string) => {
    const backend = elasticsearchBackend(connection(url), { namespace: name, indexPrefix: `${prefix}growth-` });
    backends.push(backend);
    return backend;
  };
  try {
    const sizes = { few: Math.round(options.documents / GROWTH), many: options.documents };
    say(`indexing ${count(sizes.few)} and ${count(sizes.many)} documents …`);
    await fillIndex(client, few, sizes.few, 1);
    await fillIndex(client, many, sizes.many, 1);
    await open('indices').ensureIndices();
    const heaps: string[][] = [];
    for (const [index, documents] of [
      [few, sizes.few],
      [many, sizes.many],
    ] as const) {
      const candidates = [
        candidate('selective', selectiveRules(options.rules, index), open(`heap-s-${documents}`)),
        candidate('grouped', groupedRules(options.rules / 10, index), open(`heap-g-${documents}`)),
      ];
      await measureTurns(client, candidates, options.rounds, () => undefined);
      heaps.push([count(documents), mebibytesExactly(heapAfterCollection())]);
    }
    const growing = RULES.map((rules) => candidate(count(rules), selectiveRules(rules, many), open(`rules-${rules}`)));
    await measureTurns(client, growing, options.rounds, say);
    return {
      memory: markdownTable(['documents in the hour', 'heap after the same turns'], heaps),
      growth: growthTable(growing),
    };
  } finally {
    await Promise.all(backends.map((backend) => backend.close()));
    await client.removeIndices(`${prefix}growth-`);
  }
}

function growthTable(candidates: readonly Candidate[]): string {
  const head = ['rules', 'engine CPU a turn', 'a rule', 'Elasticsearch CPU a turn', 'a rule'];
  const rows = candidates.map((one) => {
    const rules = one.ports.rules.size;
    const [engine, cluster] = [middleOf(one, 'engine'), middleOf(one, 'elasticsearch')];
    return [one.name, cpu(engine), `${(engine / rules).toFixed(2)} ms`, cpu(cluster), `${(cluster / rules).toFixed(2)} ms`];
  });
  return markdownTable(head, rows);
}

/** What is really held: the benchmark runs with --expose-gc. */
function heapAfterCollection(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

function mebibytesExactly(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
