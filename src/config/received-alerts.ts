import { type Static, Type } from 'typebox';
import type { StoreUse } from '../core/stored.ts';
import type { Duration } from '../core/time.ts';
import { CONFIG_DEFAULTS, durationOr } from './defaults.ts';
import type { Report } from './report.ts';
import { CLOSED, keyOfDuration, optionalKey } from './schema-parts.ts';

/** Alerts that other systems send. Durations in ms. */
export interface ReceivedAlertsConfig {
  /** After what time an alert that was sent without an end has ended unless it is sent again. */
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
        'How long an alert sent without an end time fires unless it is sent again; at least 10s.',
        CONFIG_DEFAULTS.resolveTimeout,
      ),
    ),
    max_alerts: optionalKey(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: CONFIG_DEFAULTS.maxReceived,
        description: 'Maximum number of firing alerts; further ones are refused with status 429 until others have ended.',
      }),
    ),
  },
  {
    ...CLOSED,
    description:
      'Accept alerts from other systems, such as Prometheus, over `POST /api/v2/alerts`. Off unless this section is present; `{}` uses the defaults.',
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
