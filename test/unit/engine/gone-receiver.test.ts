import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/channels/channel.ts';
import { HEALTH_RULE_ID } from '../../../src/engine/self-monitoring/health-rule.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Notified } from '../../../src/notify/delivery-ports.ts';
import type { Silence } from '../../../src/notify/silences.ts';
import type { Routing } from '../../../src/routing/route.ts';
import type { TestChannel } from '../../support/engine/test-channel.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE });

/** One route to one receiver with these destinations. */
function routingTo(receiver: string, destinations: readonly string[]): Routing {
  const { root, destinations: others } = plainRouting({ receiver });
  const own = destinations.map((id) => ({ id, receiver, channel: 'test' }));
  return { root, destinations: { meta: others['meta'] ?? [], ...(own.length > 0 ? { [receiver]: own } : {}) } };
}

/** An alert that fires from noon on for `minutes`, and an engine that goes on with another configuration. */
function scene(minutes: number) {
  const { engine, add, channel, backend } = world();
  const documents = Array.from({ length: minutes }, (_, minute) => ({
    '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
    'service.name': 'web',
    message: 'boom',
  }));
  add('logs-app', ...documents);
  const configured = (routing: Routing, session?: TurnPorts['session']): TurnPorts => {
    const known = new Set(Object.values(routing.destinations).flatMap((list) => list.map(({ id }) => id)));
    const destination = (id: string) => (known.has(id) ? { channel: channel.channel, options: { id } } : undefined);
    return engine([RULE], { routing, destination, meta: 'meta', ...(session !== undefined && { session }) });
  };
  return { configured, channel, backend };
}

const silenced = (starts_at: number, ends_at: number): Silence => ({
  v: 1,
  id: 'silence-1',
  matchers: [{ label: 'alertname', op: '=', value: 'boom' }],
  starts_at,
  ends_at,
  created_by: 'kim',
  comment: 'upgrade',
});

const about = (channel: TestChannel, receiver: string) =>
  heard(channel).filter((line) => line.includes(` ${receiver} `) && line.includes('boom'));
const health = (channel: TestChannel) => heard(channel).filter((line) => line.includes('Tocsin:'));

describe('a receiver that is renamed while an alert fires', () => {
  it('is notified under its new name that it fires, and that it is over', async () => {
    const { configured, channel } = scene(20);
    const before = configured(routingTo('old', ['old/test/0']));
    await play(before, NOON - 1, NOON + 5 * MINUTE);
    await play(configured(routingTo('new', ['new/test/0']), before.session), NOON + 5 * MINUTE, NOON + 60 * MINUTE);
    expect(about(channel, 'old')).toEqual(['12:01 old [FIRING] boom: web']);
    expect(about(channel, 'new')).toEqual(['12:06 new [FIRING] boom: web', '12:21 new [RESOLVED] boom: web']);
    expect(channel.got.find(({ destination }) => destination === 'new/test/0')?.message.notes).toEqual([
      'Another receiver was notified of this before; it is no longer configured.',
    ]);
    expect(health(channel)).toEqual([]);
  });

  it('is notified of the end also where a silence held back all that its new name was to hear', async () => {
    const { configured, channel, backend } = scene(8);
    const before = configured(routingTo('old', ['old/test/0']));
    await play(before, NOON - 1, NOON + 5 * MINUTE);
    await backend.silences.put(silenced(NOON + 4 * MINUTE, NOON + 30 * MINUTE));
    await play(configured(routingTo('new', ['new/test/0'])), NOON + 5 * MINUTE, NOON + 60 * MINUTE);
    expect(about(channel, 'old')).toEqual(['12:01 old [FIRING] boom: web']);
    expect(about(channel, 'new')).toEqual(['12:30 new [ENDED] boom: web']);
  });

  it('hears the end where the end was all that was left to say', async () => {
    const { configured, channel } = scene(5);
    const before = configured(routingTo('old', ['old/test/0']));
    channel.answer = (message): Outcome =>
      message.status === 'resolved' ? { kind: 'retry', reason: { kind: 'network', text: 'no route' } } : { kind: 'delivered' };
    await play(before, NOON - 1, NOON + 8 * MINUTE);
    channel.answer = () => ({ kind: 'delivered' });
    await play(configured(routingTo('new', ['new/test/0'])), NOON + 8 * MINUTE, NOON + 60 * MINUTE);
    expect(about(channel, 'new').map((line) => line.slice(6))).toEqual(['new [RESOLVED] boom: web']);
    expect(health(channel)).toEqual([]);
  });

  it('hears once of each change, though it has two destinations and both are renamed', async () => {
    const { configured, channel } = scene(5);
    const before = configured(routingTo('old', ['old/test/0', 'old/test/1']));
    channel.answer = (message): Outcome =>
      message.status === 'resolved' ? { kind: 'retry', reason: { kind: 'network', text: 'no route' } } : { kind: 'delivered' };
    await play(before, NOON - 1, NOON + 8 * MINUTE);
    channel.answer = () => ({ kind: 'delivered' });
    await play(configured(routingTo('new', ['new/test/0', 'new/test/1'])), NOON + 8 * MINUTE, NOON + 60 * MINUTE);
    const ends = channel.got.filter(({ destination }) => destination.startsWith('new/')).map(({ destination }) => destination);
    expect(ends.sort()).toEqual(['new/test/0', 'new/test/1']);
  });
});

describe('a destination that is removed from a receiver', () => {
  it('leaves the others as they are: they hear of nothing twice', async () => {
    const { configured, channel } = scene(20);
    const before = configured(routingTo('team', ['team/test/0', 'team/test/1']));
    await play(before, NOON - 1, NOON + 5 * MINUTE);
    await play(configured(routingTo('team', ['team/test/0']), before.session), NOON + 5 * MINUTE, NOON + 60 * MINUTE);
    const kept = channel.got.filter(({ destination }) => destination === 'team/test/0').map(({ message }) => message.status);
    expect(kept).toEqual(['firing', 'resolved']);
    expect(health(channel)).toEqual([]);
  });

  it('hands nothing over that another destination was outstanding as well', async () => {
    const { configured, channel } = scene(5);
    const before = configured(routingTo('team', ['team/test/0', 'team/test/1']));
    channel.answer = (message): Outcome =>
      message.status === 'resolved' ? { kind: 'retry', reason: { kind: 'network', text: 'no route' } } : { kind: 'delivered' };
    await play(before, NOON - 1, NOON + 8 * MINUTE);
    channel.answer = () => ({ kind: 'delivered' });
    await play(configured(routingTo('team', ['team/test/0'])), NOON + 8 * MINUTE, NOON + 60 * MINUTE);
    const kept = channel.got.filter(({ destination }) => destination === 'team/test/0').map(({ message }) => message.status);
    expect(kept).toEqual(['firing', 'resolved']);
  });
});

describe('what no receiver is left for', () => {
  it('is a health alert and a failed notification, once, and the alert ends after an hour', async () => {
    const { configured, channel } = scene(60);
    const before = configured(routingTo('old', ['old/test/0']));
    await play(before, NOON - 1, NOON + 5 * MINUTE);
    const after = configured({ ...routingTo('nowhere', []) }, before.session);
    const reports = await play(after, NOON + 5 * MINUTE, NOON + 50 * MINUTE);
    const lost: readonly Notified[] = reports.flatMap(({ notified }) => notified).filter(({ channel: name }) => name === 'none');
    expect(lost.map(({ outcome, destination }) => [outcome, destination])).toEqual([['given_up', 'old/test/0']]);
    expect(health(channel).map((line) => line.slice(6))).toEqual([
      'meta [FIRING] Tocsin: notifications to old/test/0 are not delivered',
    ]);
    await play(after, NOON + 50 * MINUTE, NOON + 90 * MINUTE);
    const end = channel.got.filter(({ message }) => titleText(message.title).startsWith('[NO DATA] Tocsin'));
    expect(end.map(({ message }) => message.alerts[0]?.facts.find(({ label }) => label === 'reason')?.value)).toEqual([
      'expired',
    ]);
    const stored = await after.states.load([HEALTH_RULE_ID], new Map());
    expect(stored.ok && Object.keys(stored.value.get(HEALTH_RULE_ID)?.document.alerts ?? {})).toEqual([]);
  });
});
