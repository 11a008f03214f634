import { type Static, Type } from 'typebox';
import type { StoreUse } from '../core/stored.ts';
import type { Duration } from '../core/time.ts';
import { CONFIG_DEFAULTS, durationOr } from './defaults.ts';
import type { Report } from './report.ts';
import { CLOSED, keyOfDuration, optionalKey } from './schema-parts.ts';

/** Alerts that other systems send. Durations in ms. */
export interface ReceivedAlertsConfig {
  /** After what time an alert that was sent without an end is over unless it is sent again. */
  readonly resolveTimeout: Duration;
  /** Most that may fire at once. */
  readonly max: number;
}

const PATH = ['received_alerts'];
const LEAST = 10_000;

/** Schema of `received_alerts`. */
export const RECEIVED_ALERTS_SCHEMA = Type.Object(
  {
    resolve_timeout: optionalKey(
      keyOfDuration(
        'After what time an alert that was sent without an end is over unless it is sent again; at least 10s.',
        CONFIG_DEFAULTS.resolveTimeout,
      ),
    ),
    max_alerts: optionalKey(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: CONFIG_DEFAULTS.maxReceived,
        description: 'Most alerts that may fire at once; further ones are refused with status 429 until others are over.',
      }),
    ),
  },
  {
    ...CLOSED,
    description:
      'Take alerts of other systems, such as Prometheus, over `POST /api/v2/alerts`. Off unless this section is there; `{}` takes the defaults.',
  },
);

/** Reads `received_alerts`; undefined without the section. */
export function readReceivedAlerts(
  raw: Static<typeof RECEIVED_ALERTS_SCHEMA> | undefined,
  report: Report,
): { readonly receivedAlerts?: ReceivedAlertsConfig } {
  if (raw === undefined) return {};
  const resolveTimeout = durationOr(raw.resolve_timeout, CONFIG_DEFAULTS.resolveTimeout);
  if (resolveTimeout < LEAST) report.error('config/value', [...PATH, 'resolve_timeout'], 'expected at least 10s');
  return { receivedAlerts: { resolveTimeout, max: raw.max_alerts ?? CONFIG_DEFAULTS.maxReceived } };
}

/** What a configuration uses of the store. */
export function storeUse({ receivedAlerts }: { readonly receivedAlerts?: ReceivedAlertsConfig }): StoreUse {
  return { received: receivedAlerts !== undefined };
}
