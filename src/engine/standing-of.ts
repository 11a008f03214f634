import { readApart } from '../core/read-apart.ts';
import { own } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import { sourceOf } from '../evaluation/rule-document.ts';
import type { Measurement, RuleDocument } from '../evaluation/rule-states.ts';
import { held, newest } from '../evaluation/session.ts';
import type { NotifiedAlert } from '../notify/alert-group.ts';
import { alertGroupId } from '../notify/alert-group-id.ts';
import type { NotifiedStanding } from '../notify/delivery-ports.ts';
import type { Orphan } from '../notify/orphans.ts';
import type { Target } from '../routing/route.ts';
import { isKnownDeleted } from './known-deleted.ts';
import { HEALTH_RULE_ID } from './self-monitoring/health-rule.ts';
import type { TurnPorts } from './turn-ports.ts';

/** How long a new document has to find out by itself what still fires, ms. */
const FINDS_OUT_IN: Duration = 600_000;

/**
 * What the documents of their rules say of notified alerts. Orphans are those whose document is lost: someone deleted `tocsin-rules`. A newer
 * document of the rule that has had its time and does not hold the alert for this alert group will never end it; nor will a rule that has neither
 * a document nor a file. Nothing is known when the documents cannot be read.
 */
export async function standingOf(
  alertGroup: string,
  notified: Readonly<Record<string, NotifiedAlert>>,
  now: Instant,
  ports: StandingPorts,
): Promise<NotifiedStanding> {
  const ids = [...new Set(Object.values(notified).map(({ rule }) => rule))];
  const loaded = await readApart(ids, (some) => ports.states.load(some, held(ports.session, some)));
  if (!loaded.ok) return { orphans: [], present: new Map() };
  const { found, unreadable } = loaded.value;
  const present = new Map<string, Measurement>();
  const orphans: Orphan[] = [];
  for (const [alert, one] of Object.entries(notified)) {
    // Of what a document that cannot be read holds nothing is known.
    if (unreadable.has(one.rule)) continue;
    const stored = found.get(one.rule);
    const reason = orphaned(alert, one, stored?.document, { alertGroup, now, ports });
    if (reason !== undefined) orphans.push({ alert, reason });
    const measured = stored && measuredOf(alert, newest(ports.session, one.rule, stored));
    if (measured !== undefined) present.set(alert, measured);
  }
  return { orphans, present };
}

type StandingPorts = Pick<TurnPorts, 'namespace' | 'states' | 'session' | 'rules' | 'failures' | 'inBrokenFiles'>;

interface Asked {
  readonly alertGroup: string;
  readonly now: Instant;
  readonly ports: StandingPorts;
}

function orphaned(
  alert: string,
  { rule, source, episode, escalated }: NotifiedAlert,
  document: RuleDocument | undefined,
  { alertGroup, now, ports }: Asked,
): Orphan['reason'] | undefined {
  if (document === undefined) return isGone(rule, ports) ? 'rule_removed' : undefined;
  // Others pass on its end; should that be lost, the rule's document says that it has ended.
  if (escalated !== undefined && !isLiving(document, alert, episode)) return 'state_lost';
  const lost = source !== sourceOf(document) && now - document.incarnation >= FINDS_OUT_IN;
  return lost && !isHeldBy(document, alert, alertGroup, ports.namespace) ? 'state_lost' : undefined;
}

function isLiving({ alerts, second, past, outage, outbox }: RuleDocument, alert: string, episode: string): boolean {
  const living = own(alerts, alert) ?? own(second?.alerts, alert);
  const flapping = own(past, alert)?.notified;
  const isOutage = outage?.notified.some((one) => one.alert === alert && one.episode === episode) === true;
  const known = [living?.episode, living?.notified_as?.episode, flapping?.episode];
  return known.includes(episode) || isOutage || outbox.some((entry) => entry.alert === alert);
}

/** By the alert's own id, whichever of a rule's two looks it is of. */
function measuredOf(alert: string, { alerts, second }: RuleDocument): Measurement | undefined {
  return (own(alerts, alert) ?? own(second?.alerts ?? {}, alert))?.measured;
}

function isGone(rule: string, ports: StandingPorts): boolean {
  return isKnownDeleted(rule, ports) && rule !== HEALTH_RULE_ID;
}

function isHeldBy({ alerts, past, outage }: RuleDocument, alert: string, alertGroup: string, namespace: string): boolean {
  const held = [...(own(alerts, alert)?.held_by ?? []), ...(own(past, alert)?.notified?.held_by ?? [])];
  const targets = [...held, ...notifiedOf(alert, outage)];
  return targets.some((target) => alertGroupId(namespace, target) === alertGroup);
}

function notifiedOf(alert: string, outage: RuleDocument['outage']): readonly Target[] {
  return (outage?.notified ?? []).flatMap((notified) => (notified.alert === alert ? notified.held_by : []));
}
