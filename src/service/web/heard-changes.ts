import { randomUUID } from 'node:crypto';
import { hashId } from '../../core/ids.ts';
import { type Instant, iso } from '../../core/time.ts';
import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import type { HistoryRecord } from '../../notify/history.ts';
import type { AuditedChange } from '../../server/api/alertmanager.ts';
import type { Log } from '../log.ts';
import type { EventHub } from './event-hub.ts';

/** What people change over HTTP and Slack, as it is heard. */
interface HeardChanges {
  /** How many there were: what was read before is old. */
  count(): number;
  silence(change: AuditedChange): void;
  acknowledged(change: Parameters<EventHub['acknowledged']>[1], alerts: readonly ReportedAlert[], by: string): void;
}

interface ChangePorts {
  readonly log: Pick<Log, 'info'>;
  readonly namespace: string;
  readonly events: Pick<EventHub, 'silence' | 'acknowledged'>;
  now(): Instant;
  record(one: HistoryRecord): void;
}

/** Logs changes, shows them on open pages, and records who silenced what. */
export function heardChanges({ log, namespace, events, now, record }: ChangePorts): HeardChanges {
  let count = 0;
  return {
    count: () => count,
    silence: (change) => {
      log.info(change, `silence ${change.done}`);
      count += 1;
      events.silence(change);
      record(auditRecord(change, namespace, now(), randomUUID()));
    },
    acknowledged: (change, alerts, by) => {
      log.info({ alerts: alerts.map(({ id }) => id), by }, change);
      count += 1;
      events.acknowledged(alerts, change, by);
    },
  };
}

/** Who changed which silence, and when, as history keeps it beside the episodes: `event.kind` distinguishes it from them. */
export function auditRecord({ silence, done, by }: AuditedChange, namespace: string, at: Instant, nonce: string): HistoryRecord {
  return {
    index: 'alerts',
    id: hashId('audit', silence, done, by, at, nonce),
    at,
    body: {
      '@timestamp': iso(at),
      'event.kind': 'event',
      'event.category': 'configuration',
      'event.action': `silence-${done}`,
      message: `silence ${silence} ${done} by ${by}`,
      tocsin: { namespace, silence, by },
    },
  };
}
