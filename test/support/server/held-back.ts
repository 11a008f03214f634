import { MINUTE, NOON } from '../engine/world.ts';
import { SHOWN_AT, type ShownServiceOptions } from './shown-service.ts';

const RULE = `
name: slow-requests
type: threshold
index: metrics-latency-*
group_by: [service.name]
delay: 0s
metrics: { slowest: { max: latency.ms, label: "95th percentile", unit: ms } }
condition: slowest > 800
labels: { severity: warning, team: shop }
message: { title: "{{ group['service.name'] }} answers slowly" }
`;

const slow = Array.from({ length: 180 }, (_, minute) => ({
  '@timestamp': new Date(NOON + minute * MINUTE - 1_000).toISOString(),
  service: { name: 'checkout' },
  latency: { ms: minute > 155 ? 1_900 : 300 },
}));

const eq = (label: string, value: string) => ({ label, op: '=', value }) as const;

/** An alert of the shop that another one inhibits, and a silence that is planned in a file. */
export const HELD_BACK: ShownServiceOptions = {
  rules: [RULE],
  documents: { 'metrics-latency-a': slow },
  inhibitRules: [
    {
      name: 'errors explain slowness',
      sourceMatchers: [eq('alertname', 'http-errors'), eq('severity', 'critical')],
      targetMatchers: [eq('alertname', 'slow-requests')],
      equal: ['team'],
    },
  ],
  planned: [
    {
      ...{
        id: 'file:nightly-backup',
        name: 'nightly-backup',
        matchers: [eq('team', 'platform'), eq('alertname', 'backup-late')],
      },
      ...{ comment: 'The nightly backup runs', author: 'platform', start: SHOWN_AT + 60 * MINUTE, timezone: 'UTC' },
      ...{ duration: 60 * MINUTE, recurrence: 'FREQ=DAILY', except: [] },
      position: { file: 'silences/backup.yaml', line: 2, column: 1 },
    },
  ],
};
