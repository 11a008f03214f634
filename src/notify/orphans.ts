import { own, put } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { AlertGroupDocument, QueuedEntry } from './alert-group.ts';

/** A notified alert that nothing can end any more, and why. */
export interface Orphan {
  readonly alert: string;
  readonly reason: 'state_lost' | 'rule_removed';
}

/**
 * Appends the ends of orphans, as their lost document would have: the number after the last one taken from it can never be used by it again,
 * and a concurrent writer that also ends them loses the race for this write.
 */
export function endOrphans(document: AlertGroupDocument, orphans: readonly Orphan[], now: Instant): AlertGroupDocument {
  const taken = { ...document.taken };
  const ends = orphans.flatMap(({ alert, reason }): readonly QueuedEntry[] => {
    const notified = own(document.alerts, alert);
    if (notified === undefined) return [];
    const { source, since, title: _title, fired: _fired, escalated: _escalated, worse_at: _worse, ...rest } = notified;
    const n = (own(taken, source) ?? 0) + 1;
    put(taken, source, n);
    return [{ ...rest, n, source, alert, kind: 'resolved', reason, at: now, started: since, late: false, queued_at: now }];
  });
  return { ...document, taken, queued: [...document.queued, ...ends] };
}
