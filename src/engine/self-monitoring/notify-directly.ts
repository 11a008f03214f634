import type { Message } from '../../channels/message.ts';
import { asError } from '../../core/errors.ts';
import { hashId } from '../../core/ids.ts';
import { own } from '../../core/record.ts';
import { type Instant, iso } from '../../core/time.ts';
import type { TurnPorts } from '../turn-ports.ts';

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

/** What became of it at one destination. */
export interface DirectResult {
  readonly destination: string;
  readonly outcome: 'delivered' | 'failed';
  readonly problem?: string;
}

/** The ports of a turn that direct notifications need. */
export type DirectPorts = Pick<TurnPorts, 'namespace' | 'meta' | 'routing' | 'destination' | 'io' | 'deadline' | 'delivery'>;

/** The destinations of the meta receiver; none without one. */
export function metaDestinations({ meta, routing }: Pick<DirectPorts, 'meta' | 'routing'>): readonly string[] {
  return meta === undefined ? [] : (own(routing.destinations, meta) ?? []).map(({ id }) => id);
}

/** Notifies these destinations of the meta receiver from memory: one attempt at each, nothing is stored. */
export async function notifyDirectly(
  news: DirectNews,
  destinations: readonly string[],
  ports: DirectPorts,
  signal: AbortSignal,
): Promise<readonly DirectResult[]> {
  const message = directMessage(news, ports.meta ?? '', ports.namespace);
  return Promise.all(destinations.map((id) => notifyOne(id, message, news.now, ports, signal)));
}

async function notifyOne(
  id: string,
  message: Message,
  now: Instant,
  ports: DirectPorts,
  signal: AbortSignal,
): Promise<DirectResult> {
  const ready = ports.destination(id);
  if (ready === undefined) return { destination: id, outcome: 'failed', problem: 'the destination is not configured' };
  try {
    const payload = ready.channel.render(message, undefined, ready.options);
    const timeout = ports.deadline(ports.delivery.sendTimeout, signal);
    const outcome = await ready.channel.send(payload, ready.options, { ...ports.io, now }, timeout);
    if (outcome.kind === 'delivered') return { destination: id, outcome: 'delivered' };
    return { destination: id, outcome: 'failed', problem: outcome.reason.text };
  } catch (thrown) {
    return { destination: id, outcome: 'failed', problem: asError(thrown).message };
  }
}

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
    receiver,
    title,
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
        facts: [{ label: 'since', value: iso(since) }],
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
    notes: ['Sent from memory, since the state may not be saved now: it can arrive twice, and no reminder follows.'],
    at: now,
  };
}
