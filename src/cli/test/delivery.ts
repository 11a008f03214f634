import type { Config } from '../../config/config.ts';
import type { TestDelivery } from '../../rule-tests/delivery.ts';
import { destinationsOf } from '../../service/destinations.ts';

/** With a tocsin.yaml, tests are notified as `run` would notify. */
export function configuredDelivery(config: Config): TestDelivery {
  return {
    routing: config.routing,
    destination: destinationsOf(config),
    meta: config.meta,
    kibana: config.kibana,
    externalUrl: config.externalUrl,
    traceLogs: config.traceLogs,
  };
}
