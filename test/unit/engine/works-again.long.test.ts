import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/channels/channel.ts';
import type { Route, Routing } from '../../../src/routing/route.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, turnAt, world } from '../../support/engine/world.ts';

const FORBIDDEN: Outcome = { kind: 'rejected', reason: { kind: 'unauthorized', text: 'HTTP 403: invalid_token' } };
const AWAY: Outcome = { kind: 'retry', reason: { kind: 'server_error', text: 'HTTP 503' } };
const BUSY: Outcome = { kind: 'retry', reason: { kind: 'rate_limited', text: 'HTTP 429' }, after: 60 * MINUTE };
const RULE = testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE });

/** Each service has an alert group of its own with `team`; health alerts go elsewhere. */
function routing(given: Partial<Route> = {}): Routing {
  const { root, destinations } = plainRouting({ groupBy: ['service.name'], ...given });
  const health = { label: 'alertname', op: '=', value: 'TocsinHealth' } as const;
  return {
    root: {
      ...root,
      routes: [{ ...root, key: '{}/health', receiver: 'meta', groupBy: ['alertname'], matchers: [health], routes: [] }],
    },
    destinations,
  };
}

/** Services that fire from these minutes after noon on, for five hours, and a receiver that answers by service. */
function scene(begins: Readonly<Record<string, number>>) {
  const { engine, add, channel, backend } = world();
  const documents = Object.entries(begins).flatMap(([service, from]) =>
    Array.from({ length: 300 }, (_, minute) => ({
      '@timestamp': new Date(NOON + (from + minute) * MINUTE).toISOString(),
      'service.name': service,
      message: 'boom',
    })),
  );
  add('logs-app', ...documents);
  const attempts: { readonly service: string; readonly minute: number; readonly delivered: boolean }[] = [];
  const answers: Record<string, Outcome> = {};
  channel.answer = ({ receiver, groupLabels, at }) => {
    if (receiver !== 'team') return { kind: 'delivered' };
    const service = groupLabels['service.name'] ?? '';
    const outcome = answers[service] ?? answers['*'] ?? { kind: 'delivered' };
    attempts.push({ service, minute: (at - NOON) / MINUTE, delivered: outcome.kind === 'delivered' });
    return outcome;
  };
  const deliveredTo = (service: string) =>
    attempts.filter((one) => one.service === service && one.delivered).map(({ minute }) => minute);
  const triedFor = (service: string) => attempts.filter((one) => one.service === service).map(({ minute }) => minute);
  return { engine, backend, answers, deliveredTo, triedFor, attempts };
}

describe('what failed at a receiver that works again', () => {
  it.each([
    ['refused everything', FORBIDDEN],
    ['did not answer', AWAY],
  ])('is sent in the same minute, oldest first, where it %s', async (_how, outcome) => {
    const { engine, answers, deliveredTo, attempts } = scene({ a: 0, b: 1, c: 2, d: 100 });
    answers['*'] = outcome;
    const ports = engine([RULE], { routing: routing() });
    await play(ports, NOON - 1, NOON + 100.5 * MINUTE);
    delete answers['*'];
    await play(ports, NOON + 100.5 * MINUTE, NOON + 102 * MINUTE);
    expect(attempts.filter(({ delivered }) => delivered).map(({ service }) => service)).toEqual(['d', 'a', 'b', 'c']);
    expect(['a', 'b', 'c', 'd'].map((service) => deliveredTo(service).length)).toEqual([1, 1, 1, 1]);
  });

  it('is sent as well where another replica has seen it fail', async () => {
    const { engine, answers, deliveredTo } = scene({ a: 0, b: 1, d: 100 });
    answers['*'] = FORBIDDEN;
    const other = engine([RULE], { routing: routing() });
    const fresh = engine([RULE], { routing: routing() });
    await turnAt(fresh, NOON - MINUTE);
    await play(other, NOON - 1, NOON + 99 * MINUTE);
    delete answers['*'];
    await play(fresh, NOON + 99 * MINUTE, NOON + 103 * MINUTE);
    expect([deliveredTo('a').length, deliveredTo('b').length]).toEqual([1, 1]);
  });

  it('is tried at growing intervals while it alone is refused, however much the receiver takes besides', async () => {
    const { engine, answers, triedFor, deliveredTo } = scene({ a: 0, bad: 0 });
    answers['bad'] = FORBIDDEN;
    await play(engine([RULE], { routing: routing({ repeatInterval: MINUTE }) }), NOON - 1, NOON + 240 * MINUTE);
    expect(deliveredTo('a').length).toBeGreaterThan(200);
    expect(triedFor('bad').length).toBeLessThan(20);
  });

  it('waits as long as its receiver asked for', async () => {
    const { engine, answers, triedFor } = scene({ a: 0, b: 10 });
    answers['a'] = BUSY;
    await play(engine([RULE], { routing: routing() }), NOON - 1, NOON + 50 * MINUTE);
    expect(triedFor('b')).toHaveLength(1);
    expect(triedFor('a')).toHaveLength(1);
  });
});
