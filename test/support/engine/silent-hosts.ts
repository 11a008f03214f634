import type { Message } from '../../../src/messages/message.ts';
import type { Route, Routing } from '../../../src/routing/route.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { readOptions, testRule } from './test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, type World, world } from './world.ts';

/** Hosts that report every minute, except while they are away. */
export function hosts(count: number, away: (host: number, minute: number) => boolean, minutes = 40, fields: object = {}) {
  return Array.from({ length: minutes }, (_, minute) => minute).flatMap((minute) =>
    Array.from({ length: count }, (_, host) => host)
      .filter((host) => !away(host, minute))
      .map((host) => ({
        '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
        'host.name': `node-${host}`,
        kind: 'metric',
        ...fields,
      })),
  );
}

/** A critical rule about hosts that fall silent. */
export const silent = (given: object = {}, expected: readonly string[] = []) =>
  testRule({
    name: 'host-silent',
    description: 'A host has stopped sending metrics.',
    type: 'flatline',
    options: readOptions('flatline', { expect: expected }, ['host.name']),
    index: 'metrics-*',
    groupBy: ['host.name'],
    window: 2 * MINUTE,
    condition: 'count < 1',
    labels: { severity: 'critical', team: 'shop' },
    evidence: { fields: [], samples: 0, top: [] },
    ...given,
  });

export const child = (receiver: string, label: string, op: '=' | '=~', value: string, more: Partial<Route> = {}): Route => ({
  ...{ ...plainRouting().root, receiver, matchers: [{ label, op, value }] as const, key: `{}/{${label}${op}"${value}"}` },
  groupInterval: MINUTE,
  ...more,
});

/** The default receiver is `team`; what is critical goes to `other`, who is on call. Each host has an alert group of its own. */
export function onCall(
  routes: readonly Route[] = [child('other', 'severity', '=', 'critical', { groupBy: ['host.name'] })],
): Routing {
  return plainRouting({ groupInterval: MINUTE, routes });
}

/** What was sent, and to whom. */
export interface Played {
  readonly notified: readonly string[];
  readonly messages: readonly Message[];
  readonly scene: World;
}

/** Plays rules over documents of `metrics-system` from noon to `to` minutes after it. */
export async function hear(
  documents: readonly Readonly<Record<string, unknown>>[],
  rules: readonly Rule[] = [silent()],
  routing = onCall(),
  to = 38,
): Promise<Played> {
  const scene = world();
  scene.add('metrics-system', ...documents);
  await play(scene.engine(rules, { routing }), NOON, NOON + to * MINUTE);
  return { notified: heard(scene.channel), messages: scene.channel.got.map(({ message }) => message), scene };
}

/** The title of the message about a silent source, without its mark. */
export const TITLE = (count: number, noun = 'hosts', since = '12:10') =>
  `${count} ${noun} stopped reporting at once: no document in metrics-* since ${since} UTC`;
