import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';

const prefix = uniquePrefix();
const [first, second] = [`${prefix}field-units-1`, `${prefix}field-units-2`];
const { signal } = new AbortController();
const field = (unit?: string) => ({ type: 'double', ...(unit !== undefined && { meta: { unit } }) });

let backend: ElasticsearchBackend;
beforeAll(async () => {
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'field-units' });
  const settings = { number_of_shards: 1, number_of_replicas: 0 };
  const create = (index: string, properties: object) =>
    es(elasticsearchUrl()).json('PUT', `/${index}`, { settings, mappings: { properties } });
  await create(first, {
    used: field('byte'),
    share: field('percent'),
    slow: field('micros'),
    plain: field(),
    mixed: field('ms'),
  });
  await create(second, { used: field('byte'), mixed: field('s'), share: field() });
});
afterAll(async () => {
  await backend.close();
  await es(elasticsearchUrl()).removeIndices(`${prefix}field-units`);
});

test('the units of fields are those of their mappings, in our words', async () => {
  const source = {
    indices: [`${prefix}field-units-*`],
    timeField: '@timestamp',
    ignoreMissingIndex: false,
    timeout: 30_000,
    frozen: false,
  };
  const units = await backend.fieldUnits?.(source, ['used', 'share', 'slow', 'plain', 'mixed', 'missing'], signal);
  expect(units).toEqual({ used: 'bytes', share: 'ratio', slow: 'microseconds' });
  const nowhere = await backend.fieldUnits?.({ ...source, indices: [`${prefix}nothing-*`] }, ['used'], signal);
  expect(nowhere).toEqual({});
});
