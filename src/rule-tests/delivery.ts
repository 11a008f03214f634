import { channels } from '../channels/registry.ts';
import { recording, type UnsentMessage } from '../engine/recording.ts';
import type { TurnPorts } from '../engine/turn-ports.ts';
import type { ReadyDestination } from '../notify/delivery-ports.ts';
import type { Route, Routing } from '../routing/route.ts';
import { routeTree } from '../routing/tree.ts';
import type { Rule } from '../rules/rule.ts';
import { DEFAULT_RECEIVER } from './read-route.ts';

/** Who is notified, by which channels: of a `tocsin.yaml`, or of a test's own route. Nothing is ever sent. */
export type TestDelivery = Pick<TurnPorts, 'routing' | 'destination' | 'meta' | 'kibana'> &
  Partial<Pick<TurnPorts, 'traceLogs' | 'externalUrl'>>;

/**
 * The delivery of a test that brings its own route, or none: every receiver named by it or by a rule is there, on the console. `intervals`: those that
 * routes and rules may name.
 */
export function simpleDelivery(
  route: Route | undefined,
  rules: readonly Rule[],
  intervals: Routing['intervals'] = {},
): TestDelivery {
  const root = route ?? routeTree({ receiver: DEFAULT_RECEIVER });
  const receivers = [...new Set([...receiversOf(root), ...rules.flatMap(receiversOfRule)])];
  const destinations: Routing['destinations'] = Object.fromEntries(
    receivers.map((receiver) => [receiver, [{ id: `${receiver}/console/0`, receiver, channel: 'console' }]]),
  );
  const ready = consoleDestination();
  return { routing: { root, destinations, intervals }, destination: () => ready, meta: undefined, kibana: undefined };
}

/** The same delivery with every destination recording in place of sending. */
export function recordedDelivery(delivery: TestDelivery, sink: (recorded: UnsentMessage) => void): TestDelivery {
  const known = new Map<string, ReadyDestination | undefined>();
  return {
    ...delivery,
    destination: (id) => {
      if (!known.has(id)) {
        const ready = delivery.destination(id);
        known.set(id, ready && recording(id, ready, sink));
      }
      return known.get(id);
    },
  };
}

/** The same delivery with charts in all messages. */
export function chartedDelivery(delivery: TestDelivery): TestDelivery {
  return {
    ...delivery,
    destination: (id) => {
      const ready = delivery.destination(id);
      return ready && { ...ready, channel: { ...ready.channel, charts: () => true } };
    },
  };
}

function consoleDestination(): ReadyDestination | undefined {
  const { console: channel } = channels;
  return channel && { channel, options: channel.read({}) };
}

function receiversOfRule({ receivers = [], escalate = [] }: Rule): readonly string[] {
  return [...receivers, ...escalate.map(({ receiver }) => receiver)];
}

function receiversOf(route: Route): readonly string[] {
  return [route.receiver, ...(route.escalate ?? []).map(({ receiver }) => receiver), ...route.routes.flatMap(receiversOf)];
}
