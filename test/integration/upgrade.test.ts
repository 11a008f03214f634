import { afterAll } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { connection } from '../support/elasticsearch/connection.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { upgradeContract } from '../support/engine/upgrade-contract.ts';

const prefix = uniquePrefix();
const backends: { close(): Promise<void> }[] = [];

afterAll(async () => {
  await Promise.all(backends.map((backend) => backend.close()));
  await es(elasticsearchUrl()).removeIndices(prefix);
});

// The engine always works in the namespace `default`: stores of a namespace of their own keep the plays apart.
upgradeContract('Elasticsearch', async () => {
  const stores = elasticsearchBackend(connection(elasticsearchUrl()), {
    namespace: `upgrade-${backends.length}`,
    indexPrefix: prefix,
    refreshInterval: 1_000,
  });
  const made = await stores.ensureIndices();
  if (!made.ok) throw new Error(made.message);
  backends.push(stores);
  return { stores, settle: () => es(elasticsearchUrl()).refresh(`${prefix}*`) };
});
