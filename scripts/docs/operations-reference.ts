import { SEARCH_PROBLEMS } from '../../src/search/search-problem.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import type { ServiceStatus } from '../../src/server/status.ts';
import { code, table } from './markdown.ts';

/** A status in which every metric has a value. */
const STATUS: ServiceStatus = {
  version: '0.0.0',
  namespace: 'default',
  startedAt: 0,
  now: 0,
  healthy: { ok: true },
  ready: { ok: true },
  rules: { loaded: 1, enabled: 1, failing: 0 },
  suppressed: { silence: 0, inhibition: 0, pause: 0, outage: 0 },
  acknowledged: 0,
  silences: { active: 0, pending: 0, expired: 0 },
  flapping: 0,
  muted: 0,
  outages: { rules: 0, held: 0 },
  healthAlerts: [],
  badFiles: [],
  failingRules: [],
  alerts: [{ status: 'firing', severity: 'warning', count: 1 }],
  shards: { held: 32, of: 32, replicas: 1 },
  history: [],
  config: { loaded: true, loadedAt: 0 },
  tasks: [],
  store: { up: true },
  oldestUndelivered: 0,
};

/** Table of Tocsin's own metrics, as `/metrics` describes them. */
export async function metricList(): Promise<string> {
  const text = await createMetrics(() => STATUS).text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const helps = [...text.matchAll(/^# HELP (tocsin_\S+) (.*)$/gm)];
  const rows = helps.map(([, name = '', help = '']) => [code(name), types.get(name) ?? '', help]);
  return table(
    ['metric', 'type', 'meaning'],
    rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );
}

/** Table of the problems a search may have. */
export function searchProblems(): string {
  const rows = Object.entries(SEARCH_PROBLEMS).map(([name, { transient, hint }]) => [
    code(name),
    transient ? 'yes' : 'no',
    `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`,
  ]);
  return table(['code', 'may pass by itself', 'next step'], rows);
}
