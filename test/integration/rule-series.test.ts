import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { createDocuments } from '../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../src/backends/embedded/search.ts';
import { ruleSeries, type Series } from '../../src/evaluation/rule-series.ts';
import { ruleTypeNamed } from '../../src/rule-types/registry.ts';
import { metered } from '../../src/search/range/meter.ts';
import { rulesOfAllTypes } from '../support/differential/catch-up.ts';
import { AHEAD_INDEX, AHEAD_MAPPING, aheadDocuments, SPRING } from '../support/differential/dry-run.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';

const MINUTE = 60_000;
const index = uniquePrefix() + AHEAD_INDEX;
const [given = []] = fc.sample(aheadDocuments, { numRuns: 1, seed: 20_260_329 });
const { signal } = new AbortController();

let backend: ElasticsearchBackend;
beforeAll(async () => {
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'rule-series' });
  const settings = { number_of_shards: 1, number_of_replicas: 0 };
  await es(elasticsearchUrl()).json('PUT', `/${index}`, { settings, mappings: AHEAD_MAPPING });
  await es(elasticsearchUrl()).bulk(index, given);
});
afterAll(async () => {
  await backend.close();
  await es(elasticsearchUrl()).removeIndices(index);
});

test('the series of a rule of every type is that of documents in memory, by a few searches', { timeout: 120_000 }, async () => {
  const memory = createDocuments({ mapping: AHEAD_MAPPING });
  memory.add(given.map((source) => ({ source, index })));
  const embedded = embeddedRanges(memory, embeddedSearch(memory));
  const range = { from: SPRING, to: SPRING + 60 * MINUTE };
  const values = { 'service.name': 'cart', 'host.name': 'a' };
  let measured = 0;
  for (const loaded of await rulesOfAllTypes()) {
    const rule = { ...loaded, source: { ...loaded.source, indices: [index] } };
    const type = ruleTypeNamed(rule.type);
    if (type === undefined) throw new Error(rule.type);
    const group = Object.fromEntries(Object.entries(values).filter(([field]) => rule.groupBy.includes(field)));
    const { ranges, total } = metered(backend.search, backend.ranges);
    const series = await ruleSeries({ rule, type, group }, range, { ranges }, signal);
    // `now` makes a different question of each tick, and what does not add up is not asked about several windows.
    if (/of-now|lacking|growth/.test(rule.name)) continue;
    const inMemory = await ruleSeries({ rule, type, group }, range, { ranges: embedded }, signal);
    expect([rule.name, rounded(series)]).toEqual([rule.name, rounded(inMemory)]);
    expect([rule.name, total().searches]).toEqual([rule.name, expect.toSatisfy((count: number) => count <= 4)]);
    if (series?.values.some((value) => value !== null && value > 0)) measured++;
  }
  expect(measured).toBeGreaterThan(12);
});

/** Sums of decimals depend on their order. */
function rounded(series: Series | undefined): unknown {
  const plain = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value);
  const readings = series?.readings.map(
    (values) => values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)])),
  );
  return series && { ...series, readings, values: series.values.map(plain) };
}
