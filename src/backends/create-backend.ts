import type { Config } from '../config/config.ts';
import type { ElasticsearchBackend } from './elasticsearch/elasticsearch-backend.ts';

/** What a configuration's backend offers: the ports of a turn, and what an operator asks of the store. */
export type ConfiguredBackend = ElasticsearchBackend;

/**
 * The backend that a configuration names; the one place that chooses. Nothing is sent until a port is used, and no client is loaded
 * before the first call, so that commands that need no server start without one.
 */
export async function createBackend(config: Pick<Config, 'elasticsearch' | 'namespace' | 'state'>): Promise<ConfiguredBackend> {
  const { elasticsearchBackend } = await import('./elasticsearch/elasticsearch-backend.ts');
  const { replicas, refreshInterval } = config.state;
  return elasticsearchBackend(config.elasticsearch, {
    namespace: config.namespace,
    refreshInterval,
    ...(replicas !== undefined && { replicas }),
  });
}
