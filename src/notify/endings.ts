import { own } from '../core/record.ts';
import type { AlertGroupDocument, NotifiedAlert, QueuedEntry } from './alert-group.ts';

/**
 * Prepares the ends that wait in an alert group. Alerts of rules without a recovery end without a message: what they reported does not get better, it
 * only stops being news. An end whose beginning still waits is kept and goes out with it; while a message is being sent nothing changes, since
 * it may be that very beginning. The other ends take with them how their receiver knows the alert, so that whenever they are sent, or sent
 * again, they say so. Gives the same document when there is nothing to prepare.
 */
export function withEndings(document: AlertGroupDocument): AlertGroupDocument {
  if (document.inflight !== null || !document.queued.some(({ kind }) => kind === 'resolved')) return document;
  const alerts = { ...document.alerts };
  const waiting = new Set(document.failed.map(({ alert }) => alert));
  const queued = document.queued.flatMap((entry): readonly QueuedEntry[] => {
    const notified = own(alerts, entry.alert);
    const quiet = notified?.no_recovery ?? entry.no_recovery;
    if (entry.kind !== 'resolved' || quiet !== true || waiting.has(entry.alert)) {
      waiting.add(entry.alert);
      return [withNotified(entry, notified)];
    }
    delete alerts[entry.alert];
    return [];
  });
  if (queued.length === document.queued.length) {
    return queued.every((entry, index) => entry === document.queued[index]) ? document : { ...document, queued };
  }
  const over = Object.keys(alerts).length === 0;
  return { ...document, alerts, queued, ...(over && { incident: null, receipt: null }) };
}

/** An end with how its receiver knows the alert; any other entry as it is. */
export function withNotified(entry: QueuedEntry, notified: NotifiedAlert | undefined): QueuedEntry {
  if (entry.kind !== 'resolved' || entry.notified !== undefined || notified === undefined) return entry;
  const { title, values, fired, condition, level, no_recovery } = notified;
  const known = {
    values,
    condition,
    level,
    ...(fired !== undefined && { fired }),
    ...(title !== undefined && { title }),
    ...(no_recovery && { no_recovery }),
  };
  return { ...entry, notified: known };
}
