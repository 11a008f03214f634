import { describe, expect, it } from 'vitest';
import type { FlappingRule } from '../../../src/alerts/flapping.ts';
import { removeRules } from '../../../src/engine/retention/remove-rules.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, timeline, turnAt, world } from '../../support/engine/world.ts';

const FLAPPING: FlappingRule = { episodes: 3, within: 60 * MINUTE, steady: 10 * MINUTE };
const routing = plainRouting({ groupInterval: MINUTE });

/** A rule whose alerts fire in each minute that has a document of their service. */
const boom = (given: Partial<TestRule> = {}) =>
  testRule({
    name: 'boom',
    groupBy: ['service.name'],
    window: MINUTE,
    flapping: FLAPPING,
    evidence: { fields: [], samples: 0, top: [] },
    ...given,
  });

const LEVELS = [
  { severity: 'critical', condition: 'count >= 3' },
  { severity: 'warning', condition: 'count >= 1' },
];

/** Documents of the service `a` in these minutes, `count` in each; the tick after the minute sees them. */
function documents(minutes: readonly (number | readonly [minute: number, count: number])[], service = 'a') {
  return minutes.flatMap((given) => {
    const [minute, count] = typeof given === 'number' ? [given, 1] : given;
    return Array.from({ length: count }, () => ({
      '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
      'service.name': service,
    }));
  });
}

/** Every `step`-th minute from `from` until `to`. */
function everyNth(step: number, from: number, to: number): readonly number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}

/** What receivers hear until the minute `until`. */
async function hear(minutes: Parameters<typeof documents>[0], until: number, given: Partial<TestRule> = {}) {
  const { engine, add, channel } = world();
  add('logs-app', ...documents(minutes));
  const reports = await play(engine([boom(given)], { routing }), NOON, NOON + until * MINUTE);
  return { notified: heard(channel), reports, got: channel.got };
}

describe('an alert that flaps', () => {
  const often = everyNth(3, 1, 40);

  it('is notified once when the third episode begins within the hour, and once when it has been over for ten minutes', async () => {
    const { notified, got } = await hear(often, 90);
    expect(notified).toEqual([
      '12:02 team [FIRING] boom: a',
      '12:03 team [RESOLVED] boom: a',
      '12:05 team [FIRING] boom: a',
      '12:06 team [RESOLVED] boom: a',
      '12:08 team [FIRING, flapping] boom: a',
      '12:49 team [RESOLVED] boom: a',
    ]);
    const [flaps, over] = got.slice(-2).map(({ message }) => message);
    expect(flaps?.reason).toBe('flapping');
    expect(flaps?.alerts[0]?.flapping).toEqual({ since: NOON + 2 * MINUTE, episodes: 3, steady: 10 * MINUTE });
    expect(over?.alerts[0]).toMatchObject({
      status: 'resolved',
      startedAt: NOON + 8 * MINUTE,
      endedAt: NOON + 39 * MINUTE,
      flapping: { since: NOON + 2 * MINUTE, episodes: 13 },
    });
    expect(over?.alerts[0]?.episode, 'the end is that of the episode that was notified').toBe(flaps?.alerts[0]?.episode);
  });

  it('changes what it does by nothing: every transition is as it is without', async () => {
    const [flapping, plain] = [await hear(often, 60), await hear(often, 60, { flapping: undefined as never })];
    expect(timeline(flapping.reports)).toEqual(timeline(plain.reports));
    expect(plain.notified).toHaveLength(26);
  });

  it('is notified to fire on when it has fired for ten minutes, and its end at once from then on', async () => {
    const { notified, got } = await hear([1, 4, 7, 10, ...everyNth(1, 13, 30)], 60);
    expect(notified.slice(4)).toEqual([
      '12:08 team [FIRING, flapping] boom: a',
      '12:24 team [FIRING] boom: a',
      '12:31 team [RESOLVED] boom: a',
    ]);
    const episodes = got.slice(-3).map(({ message }) => [message.reason, message.alerts[0]?.change, message.alerts[0]?.episode]);
    const [, , episode] = episodes[0] ?? [];
    expect(episodes).toEqual([
      ['flapping', 'flapping', episode],
      ['steady', 'steady', episode],
      ['resolved', 'resolved', episode],
    ]);
    expect(got.at(-2)?.message.alerts[0]?.values, 'what it measures now').toEqual({ count: 1 });
  });

  it('is notified when it gets worse than what was notified, once, and of nothing milder', async () => {
    const { notified, got } = await hear([1, 4, 7, [10, 3], 13, [16, 4], 19, 22], 60, { levels: LEVELS });
    expect(notified.slice(4)).toEqual([
      '12:08 team [FIRING, flapping] boom: a',
      '12:11 team [FIRING, flapping] boom: a',
      '12:34 team [RESOLVED] boom: a',
    ]);
    expect(got.slice(-3).map(({ message }) => [message.reason, message.severity])).toEqual([
      ['flapping', 'warning'],
      ['worse', 'critical'],
      ['resolved', 'critical'],
    ]);
  });

  it('is notified at its present level when it is steady at a milder one', async () => {
    const { got } = await hear([1, 4, [7, 3], 10, ...everyNth(1, 13, 40)], 28, { levels: LEVELS });
    expect(got.slice(-2).map(({ message }) => [message.reason, message.severity])).toEqual([
      ['flapping', 'critical'],
      ['steady', 'warning'],
    ]);
  });

  it('moves with a worse level to the receivers of that level, and ends there alone', async () => {
    const critical = { label: 'severity', op: '=', value: 'critical' } as const;
    const root = plainRouting().root;
    const child = { ...root, key: '{}/critical', receiver: 'other', matchers: [critical], routes: [] };
    const routes = plainRouting({ groupInterval: MINUTE, routes: [{ ...child, groupInterval: MINUTE }] });
    const { engine, add, channel } = world();
    add('logs-app', ...documents([1, 4, 7, [10, 3], 13, 16]));
    await play(engine([boom({ levels: LEVELS })], { routing: routes }), NOON, NOON + 40 * MINUTE);
    expect(heard(channel).slice(4)).toEqual([
      '12:08 team [FIRING, flapping] boom: a',
      '12:11 other [FIRING, flapping] boom: a',
      '12:11 team [HANDED OVER] boom: a',
      '12:28 other [RESOLVED] boom: a',
    ]);
  });

  it('is reminded of as any alert that fires, and says that it flaps', async () => {
    const { notified } = await hear(everyNth(3, 1, 100), 100, { repeatInterval: 60 * MINUTE });
    expect(notified.slice(4)).toEqual(['12:08 team [FIRING, flapping] boom: a', '13:08 team [FIRING, still flapping] boom: a']);
  });

  it('does not flap when episodes are rarer than that', async () => {
    const { notified } = await hear(everyNth(31, 1, 200), 200);
    expect(notified.some((line) => line.includes('flapping'))).toBe(false);
    expect(notified).toHaveLength(14);
  });

  it('remembers nothing of episodes that are too old to count, and nothing at all where nothing fires', async () => {
    const { engine, add } = world();
    add('logs-app', ...documents([1]));
    const ports = engine([boom()], { routing });
    await play(ports, NOON, NOON + 30 * MINUTE);
    expect(pasts(ports)).toEqual([{ begins: [NOON + 2 * MINUTE] }]);
    await play(ports, NOON + 30 * MINUTE, NOON + 70 * MINUTE);
    expect(pasts(ports)).toEqual([]);
  });

  it('does not let a silence swallow the end of what was notified, nor tell what is silenced from its beginning to its end', async () => {
    const { engine, add, channel, backend } = world();
    add('logs-app', ...documents(everyNth(3, 1, 20)));
    const silence = (from: number, to: number) =>
      backend.silences.put({
        ...{ v: 1, id: 's', matchers: [{ label: 'alertname', op: '=', value: 'boom' }], created_by: 'test', comment: '' },
        ...{ starts_at: NOON + from * MINUTE, ends_at: NOON + to * MINUTE },
      });
    await silence(9, 50);
    await play(engine([boom()], { routing }), NOON, NOON + 60 * MINUTE);
    expect(heard(channel).slice(4)).toEqual(['12:08 team [FIRING, flapping] boom: a', '12:50 team [RESOLVED] boom: a']);
    const other = world();
    other.add('logs-app', ...documents(everyNth(3, 1, 20)));
    await other.backend.silences.put({
      ...{ v: 1, id: 's', matchers: [{ label: 'alertname', op: '=', value: 'boom' }], created_by: 'test', comment: '' },
      ...{ starts_at: NOON, ends_at: NOON + 50 * MINUTE },
    });
    await play(other.engine([boom()], { routing }), NOON, NOON + 60 * MINUTE);
    expect(heard(other.channel)).toEqual([]);
  });
});

describe('an alert that flaps, when its rule changes', () => {
  const minutes = everyNth(3, 1, 20);

  /** Plays until the alert flaps and is quiet, then goes on with another rule over the same stores. */
  async function change(given: Partial<TestRule> | undefined, until = 40) {
    const { engine, add, channel } = world();
    add('logs-app', ...documents(minutes), ...documents([30], 'b'));
    await play(engine([boom()], { routing }), NOON, NOON + 21 * MINUTE);
    expect(heard(channel).at(-1)).toBe('12:08 team [FIRING, flapping] boom: a');
    const known = heard(channel).length;
    const ports = engine(given === undefined ? [boom({ name: 'other', kql: 'none:1' })] : [boom(given)], { routing });
    if (given === undefined) await remove(ports);
    else await play(ports, NOON + 21 * MINUTE, NOON + until * MINUTE);
    return { notified: heard(channel).slice(known), got: channel.got };
  }

  async function remove(ports: TurnPorts) {
    const removed = await removeRules(NOON + 40 * MINUTE, ports);
    expect(removed).toEqual({ ok: true, value: ['boom'] });
    await turnAt(ports, NOON + 41 * MINUTE);
    expect(await removeRules(NOON + 80 * MINUTE, ports), 'and is not ended again').toEqual({ ok: true, value: [] });
  }

  it('ends with it when the rule is gone, though nothing fires', async () => {
    const { notified, got } = await change(undefined);
    expect(notified).toEqual(['12:41 team [RULE REMOVED] boom: a']);
    expect(got.at(-1)?.message.alerts[0]?.details).toContainEqual({ label: 'reason', value: 'rule removed' });
  });

  it('ends at once when the rule groups by other fields', async () => {
    const { notified, got } = await change({ groupBy: ['host.name'] });
    expect(notified).toEqual(['12:22 team [RULE CHANGED] boom: a']);
    expect(got.at(-1)?.message.alerts[0]?.details).toContainEqual({ label: 'reason', value: 'rule changed' });
  });

  it('ends at once when the rule looks for flapping no more', async () => {
    expect((await change({ flapping: undefined as never })).notified[0]).toBe('12:22 team [RESOLVED] boom: a');
  });

  it('is steady by the new words of the rule', async () => {
    expect((await change({ flapping: { ...FLAPPING, steady: 4 * MINUTE } })).notified[0]).toBe('12:25 team [RESOLVED] boom: a');
  });

  it('waits while the rule is paused', async () => {
    expect((await change({ enabled: false })).notified).toEqual([]);
  });
});

function pasts(ports: TurnPorts) {
  return Object.values(ports.session.rules.get('boom')?.current?.past ?? {});
}
