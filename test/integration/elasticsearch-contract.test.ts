import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { runHistoryContract } from '../contract/support/run-history-contract.ts';
import { SEARCH_MAPPING, searchContract } from '../contract/support/search-contract.ts';
import { storesContract } from '../contract/support/stores-contract.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';

const prefix = uniquePrefix();

function open(namespace: string) {
  return elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace, indexPrefix: prefix, replicas: 0 });
}

beforeAll(async () => {
  const backend = open('setup');
  const made = await backend.ensureIndices();
  await backend.close();
  if (!made.ok) throw new Error(made.message);
});

afterAll(() => es(elasticsearchUrl()).removeIndices(prefix));

// Making indices takes seconds, so that all tests share them and each has namespaces of its own.
storesContract('Elasticsearch', async () => {
  const storage = randomUUID();
  const opened: ReturnType<typeof open>[] = [];
  return {
    open: (namespace) => {
      const backend = open(`${storage}/${namespace}`);
      opened.push(backend);
      return backend;
    },
    settle: () => es(elasticsearchUrl()).refresh(`${prefix}*`),
    dispose: async () => {
      await Promise.all(opened.map((backend) => backend.close()));
    },
  };
});

runHistoryContract('Elasticsearch', async () => {
  const namespace = randomUUID();
  const { history, runHistory, close } = open(namespace);
  return { namespace, history, runHistory, settle: () => es(elasticsearchUrl()).refresh(`${prefix}*`), dispose: close };
});

searchContract('Elasticsearch', async () => {
  const cluster = es(elasticsearchUrl());
  const backend = open('search');
  const names: string[] = [];
  return {
    search: backend.search,
    index: async (documents) => {
      const name = `${prefix}documents-${randomUUID()}`;
      names.push(name);
      const settings = { number_of_shards: 1, number_of_replicas: 0 };
      await cluster.json('PUT', `/${name}`, { settings, mappings: SEARCH_MAPPING });
      await cluster.bulk(name, documents);
      return name;
    },
    dispose: async () => {
      await backend.close();
      if (names.length > 0) await cluster.json('DELETE', `/${names.join(',')}`);
    },
  };
});
