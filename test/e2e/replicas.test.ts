import { describe, expect, it } from 'vitest';
import { elasticsearchLine } from '../support/e2e/elasticsearch-line.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { startHttpRecorder } from '../support/http-recorder.ts';
import { type LogLine, startTocsin, type TocsinProcess } from '../support/service/tocsin-process.ts';

const SECOND = 1_000;
const NAMES = ['ash', 'beech', 'cedar', 'elm', 'fir', 'hazel', 'larch', 'maple', 'oak', 'pine', 'rowan', 'yew'];

const RULES = (index: string) =>
  NAMES.map((name) =>
    [
      `name: ${name}`,
      'type: frequency',
      `index: ${index}`,
      'every: 1s',
      'delay: 0s',
      'window: 10m',
      'condition: count >= 1',
      'evidence: { samples: 0 }',
    ].join('\n'),
  ).join('\n---\n');

function config(namespace: string, hook: string): string {
  return `
namespace: ${namespace}
${elasticsearchLine()}
rules: rules.yaml
server: { port: 0 }
log: { level: debug }
receivers: [{ name: hook, webhook_configs: [{ url: '${hook}' }] }]
`;
}

const holds = (count: number) => (line: LogLine) => line['shards'] === count;
const evaluatedAfter = (rule: string, at: number) => (line: LogLine) => line['rule'] === rule && tickOf(line) > at;

/** The tick of a line about an evaluation; NaN for any other line. */
function tickOf({ rule, at, msg }: LogLine): number {
  return typeof rule === 'string' && typeof at === 'string' && msg === 'evaluated' ? Date.parse(at) : Number.NaN;
}

/** The ticks of a rule between two times that these replicas evaluated, in order, with repetitions. */
function ticks(rule: string, from: number, to: number, ...replicas: readonly TocsinProcess[]): readonly number[] {
  const all = replicas.flatMap(({ lines }) => lines.filter((line) => line['rule'] === rule).map(tickOf));
  return all.filter((at) => at > from && at <= to).sort((a, b) => a - b);
}

const seconds = (from: number, to: number) =>
  Array.from({ length: (to - from) / SECOND }, (_, index) => from + (index + 1) * SECOND);
const wholeSecond = () => Math.floor(Date.now() / SECOND) * SECOND;

async function removeState(namespace: string): Promise<void> {
  const client = es(elasticsearchUrl());
  const query = { size: 1_000, query: { term: { namespace } } };
  for (const kind of ['rules', 'alert-groups', 'leases']) {
    const found = await client.json<{ hits: { hits: { _id: string }[] } }>('POST', `/tocsin-${kind}/_search`, query);
    for (const { _id } of found.hits.hits) await client.json('DELETE', `/tocsin-${kind}/_doc/${encodeURIComponent(_id)}`);
  }
}

describe('two replicas on one Elasticsearch', () => {
  it('evaluate each tick of each rule once between them, and when one is killed the other takes over without a gap or a repeat', async () => {
    const namespace = uniquePrefix();
    const index = `${namespace}logs`;
    const client = es(elasticsearchUrl());
    await client.json('PUT', `/${index}`, { mappings: { properties: { '@timestamp': { type: 'date' } } } });
    await client.bulk(index, [{ '@timestamp': new Date().toISOString() }]);
    await using hook = await startHttpRecorder();
    const files = { 'tocsin.yaml': config(namespace, hook.url), 'rules.yaml': RULES(index) };
    try {
      await using first = await startTocsin(files);
      await first.line(holds(32));
      await using second = await startTocsin(files);
      await Promise.all([first.line(holds(16)), second.line(holds(16))]);

      const shared = wholeSecond() + 5 * SECOND;
      const until = shared + 5 * SECOND;
      await Promise.all(NAMES.map((name) => Promise.any([first, second].map(({ line }) => line(evaluatedAfter(name, until))))));
      for (const name of NAMES) expect([name, ticks(name, shared, until, first, second)]).toEqual([name, seconds(shared, until)]);
      for (const replica of [first, second])
        expect(NAMES.filter((name) => ticks(name, shared, until, replica).length > 0)).not.toEqual([]);

      const killed = Date.now();
      first.kill('SIGKILL');
      await second.line(holds(32));
      expect(Date.now() - killed).toBeLessThan(30 * SECOND);
      const end = wholeSecond();
      await Promise.all(NAMES.map((name) => second.line(evaluatedAfter(name, end))));
      for (const name of NAMES) {
        expect([...new Set(ticks(name, shared, end, first, second))]).toEqual(seconds(shared, end));
      }
      const notified = hook.requests.map(({ body }) => (JSON.parse(body) as { title: string }).title).sort();
      expect(notified).toHaveLength(NAMES.length);
      expect(new Set(notified).size).toBe(NAMES.length);

      second.kill('SIGTERM');
      expect(await second.ended).toBe(0);
      // Released, and not left to run out: whoever comes next takes them at its first look.
      await client.refresh('tocsin-leases');
      const left = await client.json<{ hits: { total: { value: number } } }>('POST', '/tocsin-leases/_search', {
        query: {
          bool: { filter: [{ term: { namespace } }], must_not: [{ term: { until: 0 } }, { prefix: { id: 'replica-' } }] },
        },
      });
      expect(left.hits.total.value).toBe(0);
      await using third = await startTocsin(files);
      await third.line(holds(32));
    } finally {
      await client.removeIndices(namespace);
      await removeState(namespace);
    }
  });
});
