import type { AlertGroupDocument, QueuedEntry } from './alert-group.ts';

/** What failed, is in flight or queued, in this order, by alert: who asks for each of thousands of alerts looks only at its own. */
export function waitingByAlert({
  failed,
  inflight,
  queued,
}: Pick<AlertGroupDocument, 'failed' | 'inflight' | 'queued'>): Map<string, readonly QueuedEntry[]> {
  const byAlert = new Map<string, QueuedEntry[]>();
  for (const entry of [...failed, ...(inflight?.facts.entries ?? []), ...queued]) {
    const list = byAlert.get(entry.alert);
    if (list === undefined) byAlert.set(entry.alert, [entry]);
    else list.push(entry);
  }
  return byAlert;
}
