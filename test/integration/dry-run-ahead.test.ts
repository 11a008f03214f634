import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import type { Search } from '../../src/search/search.ts';
import { AHEAD_INDEX, AHEAD_MAPPING, AUTUMN, aheadReport, documentsOf, SPRING } from '../support/differential/dry-run.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { SEED } from '../support/seed.ts';
import { tried } from '../support/thorough.ts';

const index = uniquePrefix() + AHEAD_INDEX;

let backend: ElasticsearchBackend;
beforeAll(() => {
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'dry-run-ahead' });
});
afterAll(async () => {
  await backend.close();
  await es(elasticsearchUrl()).removeIndices(index);
});

const NIGHTS = [
  ['in the night in which clocks are put forward', SPRING],
  ['in the night in which clocks are put back', AUTUMN],
] as const;

test.each(tried(NIGHTS))(
  'a dry run of every rule type says the same, asked ahead and tick by tick, %s',
  { timeout: 900_000 },
  async (_, night) => {
    await es(elasticsearchUrl()).removeIndices(index);
    const settings = { number_of_shards: 2, number_of_replicas: 0 };
    await es(elasticsearchUrl()).json('PUT', `/${index}`, {
      settings,
      mappings: AHEAD_MAPPING,
    });
    const [given = []] = fc.sample(documentsOf(night), { numRuns: 1, seed: SEED });
    await es(elasticsearchUrl()).bulk(index, given);
    const searches = (asked: Search): Search => ({
      ask: (queries, signal) =>
        asked.ask(
          queries.map((query) => ({ ...query, source: { ...query.source, indices: [index] } })),
          signal,
        ),
    });
    let alone = 0;
    const counting: Search = {
      ask: (queries, signal) => {
        alone += queries.length;
        return searches(backend.search).ask(queries, signal);
      },
    };
    const { ranges } = backend;
    const rangesOf = {
      ...ranges,
      wholeFields: (source: Parameters<typeof ranges.wholeFields>[0], fields: readonly string[], signal: AbortSignal) =>
        ranges.wholeFields({ ...source, indices: [index] }, fields, signal),
      ask: (questions: Parameters<typeof ranges.ask>[0], signal: AbortSignal) =>
        ranges.ask(
          questions.map((one) => ({ ...one, query: { ...one.query, source: { ...one.query.source, indices: [index] } } })),
          signal,
        ),
    };
    const expected = await aheadReport(counting, { from: night });
    const all = alone;
    alone = 0;
    expect(await aheadReport(counting, { from: night, ranges: rangesOf })).toEqual(expected);
    expect(alone).toBeLessThan(all / 2);
    expect(expected.rules.flatMap(({ problems }) => problems)).toEqual([]);
  },
);
