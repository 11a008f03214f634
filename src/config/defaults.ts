import { DAY } from '../core/time.ts';

/** What `tocsin.yaml` need not say; durations in ms. */
export const CONFIG_DEFAULTS = {
  namespace: 'default',
  url: 'http://localhost:9200',
  rules: 'rules',
  silences: 'silences',
  host: '127.0.0.1',
  port: 9095,
  requestTimeout: 30_000,
  giveUpAfter: DAY,
  sendTimeout: 20_000,
  lease: 60_000,
  refreshInterval: 1_000,
  keepRuns: 30 * DAY,
  keepHistory: 365 * DAY,
  reloadInterval: 10_000,
  removedAfter: 120_000,
  heartbeatEvery: 60_000,
  heartbeatTimeout: 10_000,
  resolveTimeout: 300_000,
  maxReceived: 2_000,
} as const;
