import { countsAsFiring } from '../../alerts/alert-state.ts';
import { own } from '../../core/record.ts';
import type { LivingAlert, RuleDocument } from '../../evaluation/rule-states.ts';
import type { HeldAlert } from '../../state/rule-document.ts';

/** One alert of a rule's document as lists, counts and metrics take it. */
export interface StandingAlert {
  readonly id: string;
  readonly alert: LivingAlert;
  /** It flaps, whether or not it fires at this moment. */
  readonly flaps: boolean;
}

/**
 * The alerts of a rule, for everything that lists or counts them: those of its groups, those that flap and do not fire at this moment, and one for
 * each message about its silent source. Alerts that such a message holds back are among them: they fire.
 */
export function alertsOf({ alerts, past = {}, outage }: RuleDocument): readonly StandingAlert[] {
  const flaps = (id: string) => own(past, id)?.notified !== undefined;
  const living = Object.entries(alerts).map(([id, alert]): StandingAlert => ({ id, alert, flaps: flaps(id) }));
  const between = Object.entries(past).flatMap(([id, { notified }]): readonly StandingAlert[] => {
    if (notified === undefined || own(alerts, id) !== undefined) return [];
    const { group, changed, held_by, labels } = notified;
    return [{ id, alert: { group, status: 'inactive', since: changed, held_by, labels }, flaps: true }];
  });
  return [...living, ...between, ...outageAlerts(outage)];
}

function outageAlerts(outage: RuleDocument['outage']): readonly StandingAlert[] {
  return (outage?.notified ?? []).map(({ alert: id, episode, started, labels, held_by, level }) => {
    const firing = { group: {}, status: 'firing', since: started } as const;
    return { id, alert: { ...firing, episode, started, labels, held_by, level }, flaps: false };
  });
}

/** An alert counts while it is pending, firing or recovering. */
export function isActive({ alert: { status } }: StandingAlert): boolean {
  return status !== 'inactive';
}

/** Receivers know it as firing: it fires, recovers or flaps. */
export function fires({ alert: { status }, flaps }: StandingAlert): boolean {
  return countsAsFiring(status) || flaps;
}

/** The active alerts that are held back in favour of one message about their silent source. An end that is held back is no longer an alert. */
export function heldBack({ alerts, outage }: RuleDocument): readonly HeldAlert[] {
  return (outage?.held ?? []).filter(({ alert }) => (own(alerts, alert)?.status ?? 'inactive') !== 'inactive');
}
