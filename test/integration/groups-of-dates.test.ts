import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import type { GroupRow } from '../../src/search/answer.ts';
import type { GroupsQuery } from '../../src/search/query.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';

const index = `${uniquePrefix()}dates`;
const START = Date.UTC(2026, 0, 1, 10);
const DAY = 86_400_000;
const day = (at: number) => new Date(Date.UTC(2025, 0, 1) + at * DAY).toISOString();

let backend: ElasticsearchBackend;
beforeAll(async () => {
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'dates' });
  const cluster = es(elasticsearchUrl());
  const date = (format: string) => ({ type: 'date', format });
  const properties = {
    ...{ '@timestamp': { type: 'date' }, id: { type: 'keyword' }, born: { type: 'date' }, never: { type: 'date' } },
    ...{ day: date('yyyy-MM-dd'), seconds: date('epoch_second'), usual: { type: 'date' }, fine: { type: 'date_nanos' } },
  };
  // Many shards, of which none has all the groups: the largest are asked for once more, by name.
  const settings = { number_of_shards: 7, number_of_replicas: 0 };
  await cluster.json('PUT', `/${index}`, { settings, mappings: { properties } });
  const documents = Array.from({ length: 400 }, (_, at) => ({
    '@timestamp': new Date(START + at).toISOString(),
    id: `d${at}`,
    day: day(at % 97).slice(0, 10),
    seconds: Date.parse(day(at % 97)) / 1_000,
    usual: day(at % 97),
    fine: day(at % 97),
    ...(at < 2 && { born: at === 0 ? '1970-01-01' : '1971-01-01', never: '9999-12-31T23:59:59.999Z' }),
  }));
  await cluster.bulk(index, documents);
});
afterAll(async () => {
  await backend.close();
  await es(elasticsearchUrl()).removeIndices(index);
});

async function rows(question: Partial<GroupsQuery>): Promise<readonly GroupRow[]> {
  const query: GroupsQuery = {
    ...{ kind: 'groups', name: 'main', groupBy: [], missing: 'exclude', metrics: {}, maxGroups: 1_000 },
    source: { indices: [index], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 60_000, frozen: false },
    window: { from: START, to: START + 60_000 },
    filter: { match_all: {} },
    ...question,
  };
  const [answer] = await backend.search.ask([query], new AbortController().signal);
  if (answer === undefined || answer.kind === 'failed') throw new Error(answer?.problem.message ?? 'no answer');
  return answer.groups;
}

test.each(['day', 'seconds', 'usual', 'fine'])(
  'the largest groups of %s come back, counted wholly, whatever its format',
  async (field) => {
    const groups = await rows({ groupBy: [field], maxGroups: 2 });
    expect(groups).toHaveLength(2);
    for (const { group, docs } of groups) {
      expect(group[field]).toMatch(/^2025-\d\d-\d\dT00:00:00\.000Z$/);
      const [alone] = await rows({ groupBy: [field], only: [group] });
      expect(docs).toBe(alone?.docs);
    }
  },
);

test.each<[string, Partial<GroupsQuery>]>([
  ['beside another field', { groupBy: ['born', 'id'] }],
  ['in parts of a window', { groupBy: ['born'], bucket: 60_000 }],
  ['by name', { groupBy: ['born'], only: [{ born: '1970-01-01T00:00:00.000Z' }, { born: '1971-01-01T00:00:00.000Z' }] }],
])('dates before 1973 are dates %s', async (_name, question) => {
  const groups = await rows(question);
  expect(groups.map(({ group }) => group['born']).sort()).toEqual(['1970-01-01T00:00:00.000Z', '1971-01-01T00:00:00.000Z']);
});

test('the last moment that a date of four digits can be is found by name', async () => {
  const never = '9999-12-31T23:59:59.999Z';
  expect(await rows({ groupBy: ['never'], only: [{ never }] })).toEqual([{ group: { never }, docs: 2, values: {} }]);
});
