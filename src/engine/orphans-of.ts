import { readApart } from '../core/read-apart.ts';
import { own } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import { sourceOf } from '../evaluation/rule-document.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { held } from '../evaluation/session.ts';
import type { NotifiedAlert } from '../notify/alert-group.ts';
import { alertGroupId } from '../notify/alert-group-id.ts';
import type { Orphan } from '../notify/orphans.ts';
import type { Target } from '../routing/route.ts';
import { isKnownDeleted } from './known-deleted.ts';
import { HEALTH_RULE_ID } from './self-monitoring/health.ts';
import type { TurnPorts } from './turn-ports.ts';

/** How long a new document has to find out by itself what still fires, ms. */
const FINDS_OUT_IN: Duration = 600_000;

/**
 * Notified alerts whose rule document is lost: someone deleted `tocsin-rules`. A newer document of the rule that has had its time and does not
 * hold the alert for this alert group will never end it; nor will a rule that has neither a document nor a file. Empty when the documents
 * cannot be read.
 */
export async function orphansOf(
  alertGroup: string,
  notified: Readonly<Record<string, NotifiedAlert>>,
  now: Instant,
  ports: Pick<TurnPorts, 'namespace' | 'states' | 'session' | 'rules' | 'failures' | 'inBrokenFiles'>,
): Promise<readonly Orphan[]> {
  const ids = [...new Set(Object.values(notified).map(({ rule }) => rule))];
  const loaded = await readApart(ids, (some) => ports.states.load(some, held(ports.session, some)));
  if (!loaded.ok) return [];
  const { found, unreadable } = loaded.value;
  return Object.entries(notified).flatMap(([alert, { rule, source }]): readonly Orphan[] => {
    // Of what a document that cannot be read holds nothing is known.
    if (unreadable.has(rule)) return [];
    const document = found.get(rule)?.document;
    if (document === undefined) return isGone(rule, ports) ? [{ alert, reason: 'rule_removed' }] : [];
    const lost = source !== undefined && source !== sourceOf(document) && now - document.incarnation >= FINDS_OUT_IN;
    return lost && !isHeldBy(document, alert, alertGroup, ports.namespace) ? [{ alert, reason: 'state_lost' }] : [];
  });
}

function isGone(rule: string, ports: Pick<TurnPorts, 'rules' | 'failures' | 'inBrokenFiles'>): boolean {
  return ports.rules.size > 0 && isKnownDeleted(rule, ports) && rule !== HEALTH_RULE_ID;
}

function isHeldBy({ alerts, past, outage }: RuleDocument, alert: string, alertGroup: string, namespace: string): boolean {
  const held = [...(own(alerts, alert)?.held_by ?? []), ...(own(past, alert)?.notified?.held_by ?? [])];
  const targets = [...held, ...notifiedOf(alert, outage)];
  return targets.some((target) => alertGroupId(namespace, target) === alertGroup);
}

function notifiedOf(alert: string, outage: RuleDocument['outage']): readonly Target[] {
  return (outage?.notified ?? []).flatMap((notified) => (notified.alert === alert ? notified.held_by : []));
}
