import type { Channel, Outcome } from '../../../src/channels/channel.ts';
import type { Message } from '../../../src/channels/message.ts';

/** A message as a receiver got it. */
export interface Got {
  readonly at: number;
  readonly destination: string;
  readonly message: Message;
}

/** A channel in memory that answers as a test says: `answer` decides each attempt; delivered and unknown messages arrive. */
export interface TestChannel {
  channel: Channel<unknown>;
  readonly got: Got[];
  attempts: number;
  answer: (message: Message, attempt: number) => Outcome | 'throw';
}

/** Makes a channel that delivers everything until told otherwise. */
export function testChannel(): TestChannel {
  const made: TestChannel = {
    got: [],
    attempts: 0,
    answer: () => ({ kind: 'delivered', receipt: { thread: 't' } }),
    channel: {
      name: 'test',
      description: 'Keeps messages in memory.',
      schema: { type: 'object' },
      secrets: [],
      read: (keys) => keys,
      render: (message) => ({ message: JSON.parse(JSON.stringify(message)) }),
      send: async (payload, options, io) => {
        const message = payload['message'] as unknown as Message;
        const outcome = made.answer(message, made.attempts++);
        if (outcome === 'throw') throw new Error('the channel broke');
        const arrives = outcome.kind === 'delivered' || outcome.kind === 'unknown';
        if (arrives) made.got.push({ at: io.now, destination: String((options as { id: string }).id), message });
        return outcome;
      },
    },
  };
  return made;
}
