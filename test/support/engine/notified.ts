import type { AlertGroupDocument, InflightMessage, NotifiedAlert, QueuedEntry } from '../../../src/notify/alert-group.ts';
import { newAlertGroup } from '../../../src/notify/alert-group-id.ts';
import { NOON } from './world.ts';

const MINUTE = 60_000;

/** An entry of the rule `boom` about the host `h1`, which began to fire at noon; `n` numbers it. */
export function queuedEntry(n: number, given: Partial<QueuedEntry> = {}): QueuedEntry {
  const host = String(given.group?.['host.name'] ?? 'h1');
  return {
    n,
    source: 'boom#1',
    rule: 'boom',
    alert: `alert ${host}`,
    episode: `episode ${host}`,
    kind: 'firing',
    reason: given.kind === 'resolved' ? 'recovered' : 'breach',
    at: NOON,
    started: NOON,
    group: { 'host.name': host },
    labels: { alertname: 'boom', severity: 'warning', 'host.name': host },
    level: 'warning',
    window: { from: NOON - 5 * MINUTE, to: NOON },
    values: { count: 7 },
    condition: 'count >= 5',
    late: false,
    queued_at: NOON,
    ...given,
  };
}

/** An alert as it was notified by its entry. */
export function notifiedAs({
  rule,
  source,
  episode,
  labels,
  group,
  level,
  started,
  window,
  values,
  condition,
  kind,
}: QueuedEntry): NotifiedAlert {
  const fired = kind === 'firing' ? { fired: values } : {};
  return { rule, source, episode, labels, group, level, since: started, window, values, condition, ...fired };
}

/** An alert group in which nothing was said but what is given. */
export function alertGroup(given: Partial<AlertGroupDocument> = {}): AlertGroupDocument {
  const target = { receiver: 'team', destination: 'team/test/0', route: '{}', group_labels: { alertname: 'boom' } };
  return { ...newAlertGroup(target), ...given };
}

/** A message of these entries, claimed at noon for a minute under the token `mine`. */
export function inflightOf(entries: readonly QueuedEntry[], given: Partial<InflightMessage> = {}): InflightMessage {
  return {
    id: 'message',
    covers: {},
    facts: { reminder: false, entries, also: {}, incident: 'incident' },
    since: NOON,
    attempts: 0,
    retry_at: null,
    token: 'mine',
    until: NOON + MINUTE,
    ...given,
  };
}
