import { afterAll, describe, expect, it } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { connection } from '../support/elasticsearch/connection.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { expectPromises, playScenario, stories } from '../support/engine/crash-scenario.ts';
import type { Fault } from '../support/engine/faults.ts';
import { tried } from '../support/thorough.ts';

const prefix = uniquePrefix();
const backends: { close(): Promise<void> }[] = [];
let plays = 0;

/** Stores of a namespace that nobody used before, on indices that all plays share; searches for work lag as they do for users. */
const stores = async () => {
  const backend = elasticsearchBackend(connection(elasticsearchUrl()), {
    namespace: `play-${++plays}`,
    indexPrefix: prefix,
    refreshInterval: 1_000,
  });
  const made = await backend.ensureIndices();
  if (!made.ok) throw new Error(made.message);
  backends.push(backend);
  return backend;
};

afterAll(async () => {
  await Promise.all(backends.map((backend) => backend.close()));
  await es(elasticsearchUrl()).removeIndices(prefix);
});

describe('an engine over Elasticsearch, which outlives it', async () => {
  const baseline = await playScenario(stores, undefined);

  it('tells three episodes to both receivers when nothing fails', () => {
    expect([...stories(baseline.got).values()]).toEqual(Array.from({ length: 6 }, () => ['firing', 'resolved']));
  });

  /** Writes and sends: what can be lost; each kind of fault takes its third, and for a change a third of that. All operations are played over the embedded stores. */
  const struck = [...baseline.operations.keys()].filter((index) => /^(save|send)/.test(baseline.operations[index] ?? ''));
  const kinds: readonly Omit<Fault, 'operation'>[] = [
    { kind: 'crash', when: 'before' },
    { kind: 'crash', when: 'after' },
    { kind: 'lost answer', when: 'after' },
  ];
  // Each play waits for searches that lag: kinds wait side by side, in namespaces of their own. Seconds where nothing else runs.
  it.concurrent.each(kinds)(
    'loses and disorders nothing with a $kind $when its writes and sends',
    async (kind) => {
      const third = struck.filter((_, index) => index % kinds.length === kinds.indexOf(kind));
      for (const operation of tried(third)) {
        const played = await playScenario(stores, { ...kind, operation });
        try {
          expectPromises(played, baseline);
        } catch (cause) {
          throw new Error(`at operation ${operation}, ${baseline.operations[operation]}: ${(cause as Error).message}`, { cause });
        }
      }
    },
    600_000,
  );
});
