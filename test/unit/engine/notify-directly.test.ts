import { describe, expect, it } from 'vitest';
import { channels } from '../../../src/channels/registry.ts';
import { metaDestinations, notifyDirectly } from '../../../src/engine/self-monitoring/notify-directly.ts';
import { directMessage } from '../../../src/messages/direct-message.ts';
import { heard, MINUTE, NOON, plainRouting, world } from '../../support/engine/world.ts';

const news = {
  title: 'Tocsin does not reach its store',
  text: 'It is away.',
  status: 'firing',
  subject: 'store',
  since: NOON,
  now: NOON + MINUTE,
} as const;
const signal = new AbortController().signal;

describe('telling from memory', () => {
  it('tells each destination of the meta receiver', async () => {
    const { engine, channel } = world();
    const routing = {
      ...plainRouting(),
      destinations: { meta: ['a', 'b'].map((id) => ({ id, receiver: 'meta', channel: 'test' })) },
    };
    const ports = engine([], { meta: 'meta', routing });
    const notified = await notifyDirectly(news, metaDestinations(ports), ports, signal);
    expect(notified).toEqual(['a', 'b'].map((destination) => ({ destination, outcome: 'delivered' })));
    expect(heard(channel)).toEqual([
      '12:01 a [FIRING] Tocsin does not reach its store',
      '12:01 b [FIRING] Tocsin does not reach its store',
    ]);
  });

  it('notifies nobody without a meta receiver', async () => {
    const { engine, channel } = world();
    const ports = engine([]);
    expect([await notifyDirectly(news, metaDestinations(ports), ports, signal), channel.attempts]).toEqual([[], 0]);
  });

  it.each([
    ['is refused', () => ({ kind: 'rejected', reason: { kind: 'unauthorized', text: 'no' } }) as const, 'no'],
    ['breaks', () => 'throw' as const, 'the channel broke'],
  ])('makes one attempt and says why when it %s', async (_name, answer, problem) => {
    const { engine, channel } = world();
    channel.answer = answer;
    const notified = await notifyDirectly(news, ['meta/test/0'], engine([], { meta: 'meta' }), signal);
    expect([notified, channel.attempts]).toEqual([[{ destination: 'meta/test/0', outcome: 'failed', problem }], 1]);
  });

  it('says which destination is not configured', async () => {
    const { engine } = world();
    const ports = engine([], { meta: 'meta', destination: () => undefined });
    const notified = await notifyDirectly(news, ['meta/test/0'], ports, signal);
    expect(notified).toMatchObject([{ outcome: 'failed', problem: 'the destination is not configured' }]);
  });

  it.each(Object.keys(channels).filter((name) => name === 'console' || name === 'webhook'))(
    'makes a message that %s can render',
    (name) => {
      const message = directMessage(news, 'meta', 'default');
      expect(JSON.stringify(channels[name]?.render(message, undefined, {}))).toContain('does not reach its store');
    },
  );

  it('makes the end part of the same incident', () => {
    const [begin, end] = (['firing', 'resolved'] as const).map((status) => directMessage({ ...news, status }, 'meta', 'default'));
    expect(end).toMatchObject({ incident: begin?.incident, alertGroup: begin?.alertGroup, firing: 0, resolved: 1 });
    expect(end?.id).not.toBe(begin?.id);
  });
});
