import { elasticsearchBackend } from '../../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { connection } from '../../support/elasticsearch/connection.ts';
import { fillIndex } from '../in-process/corpus.ts';
import { groupedRules, metricRules, selectiveRules } from '../in-process/rules.ts';
import { type Candidate, candidate, measureTurns, middleOf } from '../in-process/turns.ts';
import { count, cpu, mebibytes } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { Bench, Tables } from './setting.ts';

/** What a turn costs in which every rule is due, in process: several kinds of rules beside each other. */
export async function measureKinds({ url, client, prefix, options, say }: Bench): Promise<Tables> {
  const { rules, documents, shards, rounds } = options;
  const index = `${prefix}turn-logs`;
  const open = (name: string, search: object = {}) =>
    elasticsearchBackend(connection(url), { namespace: name, indexPrefix: `${prefix}turn-`, search });
  const backends = {
    merged: open('merged'),
    apart: open('apart', { merge: false }),
    grouped: open('grouped'),
    metrics: open('metrics'),
  };
  const dear = Math.max(1, Math.round(rules / 10));
  const candidates = [
    candidate(`${count(rules)} selective counts`, selectiveRules(rules, index), backends.merged),
    candidate(`${count(rules)} selective counts, not merged`, selectiveRules(rules, index), backends.apart),
    candidate(`${count(dear)} rules by pod (200 groups)`, groupedRules(dear, index), backends.grouped),
    candidate(`${count(dear)} rules with a p95`, metricRules(dear, index), backends.metrics),
  ];
  try {
    say(`indexing ${count(documents)} documents into ${shards} shard(s) …`);
    await fillIndex(client, index, documents, shards);
    await backends.merged.ensureIndices();
    await measureTurns(client, candidates, rounds, say);
    return { turn: tableOf(candidates) };
  } finally {
    await Promise.all(Object.values(backends).map((backend) => backend.close()));
    await client.removeIndices(`${prefix}turn-`);
  }
}

function tableOf(candidates: readonly Candidate[]): string {
  const [first] = candidates;
  const head = ['a turn of', 'engine CPU', 'Elasticsearch CPU', 'wall', 'peak memory', 'Elasticsearch CPU, to the first'];
  const rows = candidates.map((one) => [
    one.name,
    cpu(middleOf(one, 'engine')),
    cpu(middleOf(one, 'elasticsearch')),
    cpu(middleOf(one, 'wall')),
    mebibytes(middleOf(one, 'peak')),
    first === undefined ? '' : (middleOf(one, 'elasticsearch') / middleOf(first, 'elasticsearch')).toFixed(2),
  ]);
  return markdownTable(head, rows);
}
