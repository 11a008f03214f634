import type { Audience, Channel, Outcome, RecipientOutcomes } from '../../../src/channels/channel.ts';
import type { Message } from '../../../src/messages/message.ts';

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
  /** What the server says of one recipient, for a channel that has some. */
  accepts: (recipient: string, message: Message) => 'accepted' | 'deferred' | 'refused';
}

function addressed(recipients: readonly string[], audience: Audience | undefined): readonly string[] {
  if (audience === undefined) return recipients;
  return recipients.filter((one) => ('only' in audience ? audience.only.includes(one) : !audience.except.includes(one)));
}

function becomeOf(recipients: readonly string[], message: Message, accepts: TestChannel['accepts']): RecipientOutcomes {
  const those = (what: ReturnType<TestChannel['accepts']>) => recipients.filter((one) => accepts(one, message) === what);
  const refusal = (address: string) => ({ address, text: 'notified to refuse' });
  return { accepted: those('accepted'), deferred: those('deferred').map(refusal), refused: those('refused').map(refusal) };
}

/** Makes a channel that delivers everything until told otherwise. */
export function testChannel(recipients?: readonly string[]): TestChannel {
  const made: TestChannel = {
    got: [],
    attempts: 0,
    answer: () => ({ kind: 'delivered', receipt: { thread: 't' } }),
    accepts: () => 'accepted',
    channel: {
      name: 'test',
      description: 'Keeps messages in memory.',
      schema: { type: 'object' },
      secrets: [],
      read: (keys) => keys,
      render: (message) => ({ message: JSON.parse(JSON.stringify(message)) }),
      ...(recipients !== undefined && { recipients: () => recipients }),
      send: async (payload, options, io, _signal, audience) => {
        const message = payload['message'] as unknown as Message;
        const outcome = made.answer(message, made.attempts++);
        if (outcome === 'throw') throw new Error('the channel broke');
        const arrives = outcome.kind === 'delivered' || outcome.kind === 'unknown';
        const destination = String((options as { id: string }).id);
        if (recipients !== undefined && outcome.kind === 'delivered') {
          const became = becomeOf(addressed(recipients, audience), message, made.accepts);
          for (const one of became.accepted) made.got.push({ at: io.now, destination: `${destination} ${one}`, message });
          const [deferred] = became.deferred;
          if (became.accepted.length > 0 || deferred === undefined) return { ...outcome, recipients: became };
          return { kind: 'retry', reason: { kind: 'refused_recipient', text: deferred.text } };
        }
        if (arrives) made.got.push({ at: io.now, destination, message });
        return outcome;
      },
    },
  };
  return made;
}
