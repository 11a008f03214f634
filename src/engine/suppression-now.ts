import { countsAsFiring } from '../alerts/alert-state.ts';
import type { Instant } from '../core/time.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { inhibitionText } from '../notify/inhibition.ts';
import { PAUSED, type Suppression, type SuppressionKind, silencedAt, suppressionKind } from '../notify/suppression.ts';
import { alertsOf, heldBack } from './alert-list/alerts-of.ts';
import { labelsOfAlert } from './alert-list/what-is-known.ts';
import { HEALTH_RULE_ID } from './self-monitoring/health-rule.ts';
import type { TurnPorts } from './turn-ports.ts';
import { inhibitionAt } from './what-fires.ts';

type SuppressionPorts = Pick<TurnPorts, 'session' | 'rules' | 'routing'>;

/**
 * What is suppressed at `now`, as far as this process knows: of rules that are paused, by silences, by alerts that fire. Undefined while it has never
 * read the silences.
 */
export function suppressionNow(now: Instant, ports: SuppressionPorts): Suppression | undefined {
  const { silences } = ports.session;
  return silences && withPaused(withInhibited(silencedAt(silences, now), now, ports), ports);
}

/** Nothing is notified of a paused rule; what is outstanding waits until it is not paused any more, or no longer exists. */
function withPaused(suppressed: Suppression, { rules }: SuppressionPorts): Suppression {
  const paused = new Set([...rules.values()].filter((rule) => !rule.enabled).map((rule) => rule.id));
  if (paused.size === 0) return suppressed;
  return (alert) => (paused.has(alert.rule) ? PAUSED : suppressed(alert));
}

/** An alert of Tocsin's own health says that others may be missing: it is not inhibited by any. */
function withInhibited(silenced: Suppression, now: Instant, { session, routing }: SuppressionPorts): Suppression {
  if ((routing.inhibitRules ?? []).length === 0) return silenced;
  // Asked at each decision: what fires may have been learned within this turn.
  return (alert) => {
    const silence = silenced(alert);
    if (silence !== undefined || alert.rule === HEALTH_RULE_ID) return silence;
    const inhibition = inhibitionAt(now, session, alert.labels);
    return inhibition && inhibitionText(inhibition);
  };
}

/** How many alerts of these documents fire and are not notified now, by what holds them back. */
export function suppressedCounts(
  documents: readonly RuleDocument[],
  now: Instant,
  ports: SuppressionPorts,
): Readonly<Record<SuppressionKind, number>> {
  const counts = { silence: 0, inhibition: 0, pause: 0, outage: 0 };
  const suppression = suppressionNow(now, ports);
  for (const document of documents) {
    const held = new Set(heldBack(document).map(({ alert }) => alert));
    for (const { id, alert } of alertsOf(document)) {
      if (!countsAsFiring(alert.status)) continue;
      const labels = labelsOfAlert(alert, document, ports.rules.get(document.rule));
      const why = held.has(id) ? undefined : suppression?.({ rule: document.rule, labels });
      const kind = held.has(id) ? 'outage' : why === undefined ? undefined : suppressionKind(why);
      if (kind !== undefined) counts[kind]++;
    }
  }
  return counts;
}
