import type { Channel, Outcome, Payload } from '../channels/channel.ts';
import type { Instant } from '../core/time.ts';
import type { Message } from '../messages/message.ts';
import type { ReadyDestination } from '../notify/delivery-ports.ts';

/** A message that would have been sent, with what the channel would have sent. */
export interface UnsentMessage {
  readonly at: Instant;
  readonly destination: string;
  readonly channel: string;
  readonly message: Message;
  readonly payload: Payload;
}

/** Turns a destination into one that renders as it would and records instead of sending: for `test` and `dry-run`. */
export function recording(id: string, ready: ReadyDestination, sink: (recorded: UnsentMessage) => void): ReadyDestination {
  const rendered = new Map<Payload, Message>();
  const channel: Channel<unknown> = {
    ...ready.channel,
    render: (message, thread, options) => {
      // A copy, so that a payload that a channel shares between messages still belongs to one of them.
      const payload = { ...ready.channel.render(message, thread, options) };
      rendered.set(payload, message);
      return payload;
    },
    send: async (payload, _options, io): Promise<Outcome> => {
      const message = rendered.get(payload);
      rendered.delete(payload);
      if (message !== undefined) sink({ at: io.now, destination: id, channel: ready.channel.name, message, payload });
      return { kind: 'delivered' };
    },
  };
  return { ...ready, channel };
}
