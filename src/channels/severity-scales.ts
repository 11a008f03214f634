import { severityTier } from '../core/severity.ts';

/** A severity that the table of severities does not know is shown as a warning: it is never below one by accident. */
const UNKNOWN_TIER = 3;

/** One value for each tier of the table of severities, worst first: emergency, critical, error, warning, low, notice, debug. */
type Scale<T> = readonly [T, T, T, T, T, T, T];

/** How destinations call the severities of the one table. */
export const SCALES = {
  /** https://developer.pagerduty.com/docs/send-alert-event */
  pagerduty: ['critical', 'critical', 'error', 'warning', 'warning', 'info', 'info'],
  /** https://docs.opsgenie.com/docs/alert-api */
  opsgenie: ['P1', 'P1', 'P2', 'P3', 'P4', 'P5', 'P5'],
  /** Colors of text in an Adaptive Card. */
  teams: ['attention', 'attention', 'attention', 'warning', 'warning', 'accent', 'accent'],
  /** https://docs.ntfy.sh/publish/#message-priority */
  ntfy: [5, 5, 4, 3, 3, 2, 1],
  /** https://pushover.net/api#priority */
  pushover: [2, 1, 1, 0, 0, -1, -2],
  /** Impact and urgency: 1 high, 2 medium, 3 low. */
  servicenow: [1, 1, 2, 2, 3, 3, 3],
  /** 4 critical, 3 high, 2 medium, 1 low. */
  thehive: [4, 4, 3, 2, 2, 1, 1],
} as const satisfies Readonly<Record<string, Scale<string | number>>>;

/** What a destination calls a severity. */
export function onScale<T>(scale: Scale<T>, severity: string): T {
  return scale[severityTier(severity) ?? UNKNOWN_TIER] ?? scale[UNKNOWN_TIER];
}
