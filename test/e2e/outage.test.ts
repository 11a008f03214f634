import { describe, it } from 'vitest';
import { type Fate, openGate } from '../faults/stage/gate.ts';
import { playOutage } from '../support/e2e/outage-play.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';

// outage-of-a-node.test.ts ends a real node, every night.
describe('Elasticsearch is out of reach for more than twenty windows and comes back, under the built command line', () => {
  it('evaluates every window that it missed once and in order, tells what happened meanwhile once, and a gap as a gap', async () => {
    const prefix = uniquePrefix();
    const cluster = es(elasticsearchUrl());
    let fate: Fate = 'pass';
    await using gate = await openGate(elasticsearchUrl(), { fate: () => fate, done: () => undefined, sent: () => undefined });
    try {
      await playOutage({
        url: gate.url,
        cluster,
        namespace: `${prefix}outage`,
        index: `${prefix}logs`,
        stop: async () => {
          fate = 'lose the request';
        },
        start: async () => {
          fate = 'pass';
        },
      });
    } finally {
      await cluster.removeIndices(prefix);
    }
  }, 420_000);
});
