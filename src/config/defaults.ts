import { parseDuration } from '../core/duration.ts';
import type { Duration } from '../core/time.ts';

/** What `tocsin.yaml` need not say, as it would be written there: the one place of these values, for the loader and for the schema that editors show. */
export const CONFIG_DEFAULTS = {
  namespace: 'default',
  url: 'http://localhost:9200',
  rules: 'rules',
  silences: 'silences',
  host: '127.0.0.1',
  port: 9095,
  requestTimeout: '30s',
  giveUpAfter: '24h',
  sendTimeout: '20s',
  lease: '60s',
  refreshInterval: '1s',
  keepRuns: '30d',
  keepHistory: '365d',
  reloadInterval: '10s',
  removedAfter: '2m',
  heartbeatEvery: '1m',
  heartbeatTimeout: '10s',
  noiseSchedule: '0 8 * * 1',
  resolveTimeout: '5m',
  maxReceived: 2_000,
} as const;

/** A duration of `tocsin.yaml`, or the default where it says none, or none that can be read: that is reported already. */
export function durationOr(text: string | undefined, otherwise: string): Duration {
  return parseDuration(text ?? otherwise) ?? parseDuration(otherwise) ?? 0;
}
