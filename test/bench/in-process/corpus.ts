import type { Requests } from '../../support/elasticsearch/request.ts';
import { LIVE_MAPPING } from '../live/documents.ts';

/** The hour that the documents of the benchmark lie in. */
export const HOUR = { from: Date.parse('2026-01-01T10:00:00.000Z'), to: Date.parse('2026-01-01T11:00:00.000Z') };
const SERVICES = 1_000;
const BULK = 10_000;

/** Fills an index with `count` documents, evenly over the hour and over 1,000 services; the same documents at every run. */
export async function fillIndex(client: Requests, index: string, count: number, shards: number): Promise<void> {
  await client.json('PUT', `/${index}`, {
    settings: { number_of_shards: shards, number_of_replicas: 0, refresh_interval: '-1', 'index.requests.cache.enable': false },
    mappings: LIVE_MAPPING,
  });
  for (let from = 0; from < count; from += BULK) {
    const documents = Array.from({ length: Math.min(BULK, count - from) }, (_, i) => documentAt(from + i, count));
    await client.bulk(index, documents);
  }
  await client.json('POST', `/${index}/_forcemerge?max_num_segments=1`);
  await client.refresh(index);
}

function documentAt(position: number, count: number): object {
  const spread = (position * 7_919) % count;
  const error = position % 50 === 0;
  return {
    '@timestamp': new Date(HOUR.from + Math.floor((position / count) * (HOUR.to - HOUR.from))).toISOString(),
    'service.name': `service-${spread % SERVICES}`,
    'log.level': error ? 'error' : 'info',
    'http.response.status_code': error ? 500 : 200,
    'kubernetes.pod.name': `pod-${spread % 200}`,
    'transaction.duration.us': (spread * 31) % 2_000_000,
  };
}
