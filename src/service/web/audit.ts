import { hashId } from '../../core/ids.ts';
import { type Instant, iso } from '../../core/time.ts';
import type { HistoryRecord } from '../../notify/history.ts';
import type { AuditedChange } from '../../server/api/alertmanager.ts';

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
