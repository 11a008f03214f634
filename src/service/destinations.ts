import { channels } from '../channels/registry.ts';
import type { Config } from '../config/config.ts';
import { own } from '../core/record.ts';
import type { ReadyDestination } from '../notify/delivery-ports.ts';

/** Finds a configured destination by its id, ready to send; undefined for one that is no longer configured. */
export function destinationsOf(config: Pick<Config, 'destinations'>): (id: string) => ReadyDestination | undefined {
  const ready = new Map(
    [...config.destinations.values()].flatMap(
      ({ id, channel, receiver: _receiver, ...ready }): readonly [string, ReadyDestination][] => {
        const found = own(channels, channel);
        return found === undefined ? [] : [[id, { ...ready, channel: found }]];
      },
    ),
  );
  return (id) => ready.get(id);
}

/** What the configuration says of messages, with what is ready to send them. */
export function deliverySettings(config: Config): Pick<Config, 'namespace' | 'routing' | 'meta' | 'traceLogs' | 'delivery'> & {
  readonly kibana: Config['kibana'];
  readonly externalUrl: Config['externalUrl'] | undefined;
  readonly destination: (id: string) => ReadyDestination | undefined;
} {
  const { namespace, routing, meta, kibana, externalUrl, traceLogs, delivery } = config;
  return {
    namespace,
    routing,
    ...(meta !== undefined && { meta }),
    kibana,
    externalUrl,
    traceLogs,
    delivery,
    destination: destinationsOf(config),
  };
}
