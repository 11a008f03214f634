import { hashId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import type { Message } from './message.ts';
import { titled } from './title.ts';
import { clockTime } from './wording.ts';

/** News of Tocsin itself that no store can keep: the store is what is away. */
export interface DirectNews {
  readonly title: string;
  readonly text: string;
  readonly status: 'firing' | 'resolved';
  /** What it is about; one incident lasts from `since` on. */
  readonly subject: string;
  readonly since: Instant;
  readonly now: Instant;
}

const FROM_MEMORY =
  'Sent from memory, because the state cannot be saved reliably now: this message may arrive twice, and there are no reminders.';

/** A message like any other, so that channels need not know where it came from. */
export function directMessage(news: DirectNews, receiver: string, namespace: string): Message {
  const { title, text, status, subject, since, now } = news;
  const incident = hashId('direct', namespace, subject, since);
  const labels = { alertname: 'TocsinHealth', severity: 'critical', namespace, kind: subject };
  const resolved = status === 'resolved';
  return {
    id: hashId('direct', incident, status),
    alertGroup: hashId('direct', namespace, subject),
    incident,
    dedupKey: hashId('direct', namespace, subject),
    receiver,
    title: titled([{ status, count: 1 }], title),
    text,
    status,
    severity: 'critical',
    reason: resolved ? 'resolved' : 'first',
    firing: resolved ? 0 : 1,
    resolved: resolved ? 1 : 0,
    alerts: [
      {
        id: hashId('direct', namespace, subject),
        episode: incident,
        rule: 'TocsinHealth',
        status,
        change: status,
        severity: 'critical',
        title,
        group: { kind: subject, namespace },
        labels,
        values: {},
        facts: [],
        details: [{ label: 'since', value: clockTime(since) }],
        links: [],
        startedAt: since,
        ...(resolved && { endedAt: now }),
        window: { from: since, to: now },
        late: false,
      },
    ],
    more: 0,
    groupLabels: { alertname: 'TocsinHealth' },
    links: [],
    notes: [FROM_MEMORY],
    at: now,
  };
}
