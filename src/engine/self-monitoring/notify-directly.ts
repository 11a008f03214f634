import { asError } from '../../core/errors.ts';
import { own } from '../../core/record.ts';
import { type DirectNews, directMessage } from '../../messages/direct-message.ts';
import type { Message } from '../../messages/message.ts';
import type { TurnPorts } from '../turn-ports.ts';

/** Its outcome at one destination. */
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
  return Promise.all(destinations.map((id) => notifyOne(id, message, ports, signal)));
}

async function notifyOne(id: string, message: Message, ports: DirectPorts, signal: AbortSignal): Promise<DirectResult> {
  const ready = ports.destination(id);
  if (ready === undefined) return { destination: id, outcome: 'failed', problem: 'the destination is not configured' };
  if (message.status === 'resolved' && ready.sendResolved === false) return { destination: id, outcome: 'delivered' };
  const limit = ports.deadline(ports.delivery.sendTimeout, signal);
  try {
    const payload = ready.channel.render(message, undefined, ready.options);
    const outcome = await ready.channel.send(payload, ready.options, { ...ports.io, now: message.at }, limit.signal);
    if (outcome.kind === 'delivered') return { destination: id, outcome: 'delivered' };
    return { destination: id, outcome: 'failed', problem: outcome.reason.text };
  } catch (thrown) {
    return { destination: id, outcome: 'failed', problem: asError(thrown).message };
  } finally {
    limit.end();
  }
}
