import { groupedBy } from '../core/grouped-by.ts';
import type { AlertGroupDocument, QueuedEntry } from './alert-group.ts';

/** What failed, is in flight or queued, in this order, by alert: who asks for each of thousands of alerts looks only at its own. */
export function waitingByAlert({
  failed,
  inflight,
  queued,
}: Pick<AlertGroupDocument, 'failed' | 'inflight' | 'queued'>): Map<string, readonly QueuedEntry[]> {
  return groupedBy([...failed, ...(inflight?.facts.entries ?? []), ...queued], ({ alert }) => alert);
}
