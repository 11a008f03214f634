import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { metered } from '../../src/search/range/meter.ts';
import { catchUpAfter, rulesOfAllTypes } from '../support/differential/catch-up.ts';
import { AHEAD_INDEX, AHEAD_MAPPING, aheadDocuments, SPRING } from '../support/differential/dry-run.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { testRule } from '../support/engine/test-rule.ts';
import { SEED } from '../support/seed.ts';
import { runs } from '../support/thorough.ts';

const MINUTE = 60_000;
/** Batches of 50 share a search, so there are two of them at any number. */
const RULES = Math.max(runs(100), 51);
const index = uniquePrefix() + AHEAD_INDEX;

let backend: ElasticsearchBackend;
beforeAll(async () => {
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'catch-up' });
  const settings = { number_of_shards: 2, number_of_replicas: 0 };
  await es(elasticsearchUrl()).json('PUT', `/${index}`, { settings, mappings: AHEAD_MAPPING });
  const [given = []] = fc.sample(aheadDocuments, { numRuns: 1, seed: SEED });
  await es(elasticsearchUrl()).bulk(index, given);
});
afterAll(async () => {
  await backend.close();
  await es(elasticsearchUrl()).removeIndices(index);
});

const downtime = { from: SPRING + 10 * MINUTE, length: 60 * MINUTE };

test('a service that was down for an hour does the same, asked together and window by window', { timeout: 600_000 }, async () => {
  const rules = (await rulesOfAllTypes()).map((rule) => ({ ...rule, source: { ...rule.source, indices: [index] } }));
  const alone = await catchUpAfter({ ...downtime, rules, search: backend.search });
  const together = await catchUpAfter({ ...downtime, rules, search: backend.search, ranges: backend.ranges });
  expect(together.seen).toEqual(alone.seen);
  expect(together.asked.alone + together.asked.ranges).toBeLessThan(alone.asked.alone / 2);
});

test.each([
  ['by service', ['service.name'], 60 * RULES, 13 * RULES],
  ['without groups, which share their searches', [], 120, 120],
] as const)(
  `${RULES} rules %s take so many searches after an hour: %s %i, together %i`,
  { timeout: 300_000 },
  async (_, groupBy, before, after) => {
    const rules = Array.from({ length: RULES }, (_rule, place) =>
      testRule({ name: `r${place}`, index, kql: `bytes > ${place}`, groupBy: [...groupBy], condition: 'count >= 99' }),
    );
    const searches = async (withRanges: boolean) => {
      const { search, ranges, total } = metered(backend.search, backend.ranges);
      const caughtUp = await catchUpAfter({ ...downtime, rules, search, ...(withRanges && { ranges }) });
      return { seen: caughtUp.seen, searches: total().searches };
    };
    // Three turns before the downtime are counted too.
    const more = groupBy.length === 0 ? 6 : 3 * RULES;
    const alone = await searches(false);
    const together = await searches(true);
    expect(together.seen).toEqual(alone.seen);
    expect([alone.searches - more, together.searches - more]).toEqual([before, after]);
  },
);
