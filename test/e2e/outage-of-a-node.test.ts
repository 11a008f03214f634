import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { playOutage } from '../support/e2e/outage-play.ts';
import { temporaryFolder } from '../support/elasticsearch/account.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';

describe('Elasticsearch is stopped for more than twenty windows and started again, under the built command line', () => {
  it('evaluates every window that it missed once and in order, tells what happened meanwhile once, and a gap as a gap', async () => {
    const dataDir = await mkdtemp(join(await temporaryFolder(), 'tocsin-outage-'));
    let node = await startElasticsearch({ dataDir });
    const { url, port } = node;
    try {
      await playOutage({
        url,
        cluster: es(url),
        namespace: 'outage',
        index: 'logs',
        stop: () => node.stop(),
        start: async () => {
          node = await startElasticsearch({ dataDir, port });
        },
      });
    } finally {
      await node.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 420_000);
});
