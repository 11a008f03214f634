import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/elasticsearch/account.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { findRelease } from '../support/elasticsearch/versions.ts';

const prefix = uniquePrefix();
const version = findRelease(process.env['TOCSIN_TEST_ES']).version;

describe('the shared node', () => {
  afterAll(() => es(elasticsearchUrl()).removeIndices(prefix));

  it.skipIf(process.env['ELASTICSEARCH_URL'])('is of the version that was asked for', async () => {
    const root = await es(elasticsearchUrl()).json('GET', '/');
    expect(root).toMatchObject({ version: { number: version }, tagline: 'You Know, for Search' });
  });

  it('finds the documents that a bulk wrote', async () => {
    await es(elasticsearchUrl()).bulk(`${prefix}words`, [{ word: 'toll' }, { word: 'peal' }]);
    expect(await es(elasticsearchUrl()).json('GET', `/${prefix}words/_count?q=word:peal`)).toMatchObject({ count: 1 });
  });

  it('tells which document of a bulk was refused', async () => {
    const bulk = es(elasticsearchUrl()).bulk(`${prefix}numbers`, [{ n: 1 }, { n: 'one' }]);
    await expect(bulk).rejects.toThrow(/1 of 2 documents were refused.*document_parsing_exception/);
  });

  it('fails a request that is not answered with 2xx, with the reason', async () => {
    await expect(es(elasticsearchUrl()).json('GET', `/${prefix}nowhere/_search`)).rejects.toThrow(/404.*index_not_found/);
  });
});

describe('a node of its own', () => {
  it('with a password lets nobody in without one and hands out API keys', async () => {
    await using node = await startElasticsearch({ version, password: 'sesame-opens' });
    await expect(es(node.url).json('GET', '/')).rejects.toThrow(/401/);
    const key = await es(node.url, node.authorization).json('POST', '/_security/api_key', { name: 'reader' });
    const root = await es(node.url, `ApiKey ${key['encoded']}`).json('GET', '/');
    expect(root).toMatchObject({ version: { number: version } });
  });

  it('that was killed has each acknowledged document after a restart on the same port and data', async () => {
    const dataDir = await mkdtemp(path.join(await temporaryFolder(), 'tocsin-crash-'));
    try {
      const first = await startElasticsearch({ version, dataDir });
      await es(first.url).json('PUT', '/kept/_doc/1', { word: 'toll' });
      await first.kill();
      await using second = await startElasticsearch({ version, dataDir, port: first.port });
      expect(second.url).toBe(first.url);
      expect(await es(second.url).json('GET', '/kept/_doc/1')).toMatchObject({ found: true, _source: { word: 'toll' } });
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
