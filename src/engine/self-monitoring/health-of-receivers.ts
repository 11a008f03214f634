import { type Duration, type Instant, iso } from '../../core/time.ts';
import type { LivingAlert, RuleDocument } from '../../evaluation/rule-states.ts';
import type { Notified } from '../../notify/delivery-ports.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { livingSubjects, subjectsIn } from './health-rule.ts';

/** Kind of the health alerts about destinations and their recipients. */
export const RECEIVER_KIND = 'receiver';

/** What attempts say of a destination, or of one recipient of it; without a problem: it works. */
export interface ReceiverFinding {
  readonly subject: string;
  readonly problem: string | undefined;
}

/** How long the alert about a destination that is no longer configured lasts, ms: nothing can ever succeed there. */
const GONE_FOR: Duration = 3_600_000;

/** A message that is this late, ms, is a problem of its receiver and not a moment's. */
const LATE_AFTER: Duration = 300_000;
/** Mail servers put off senders that they do not know by that much on purpose (greylisting). */
const LATE_AFTER_REFUSAL: Duration = 1_200_000;

/** How late a message may be before its receiver has a health alert, ms: never longer than a quarter of the time after which it is given up. */
export function lateAfter(giveUpAfter: Duration, refusedForTheMoment: boolean): Duration {
  return Math.min(refusedForTheMoment ? LATE_AFTER_REFUSAL : LATE_AFTER, giveUpAfter / 4);
}

/**
 * What the attempts of a turn say of their destinations and recipients. Only a message that was delivered says that a destination works, and only
 * one that its server accepted for a recipient says so of the recipient. An attempt that will be repeated says that neither works once the message
 * has been late for `lateAfter`, or will be before it is tried again.
 */
export function receiverFindings(notified: readonly Notified[], giveUpAfter: Duration): readonly ReceiverFinding[] {
  const findings = new Map<string, string | undefined>();
  for (const one of notified) {
    const { destination, outcome, only, recipients } = one;
    const dead = outcome === 'rejected' || outcome === 'given_up';
    const failed = dead || isLate(one, giveUpAfter);
    const problem = dead
      ? `a notification ${outcome === 'rejected' ? 'was refused' : 'was given up'}: ${one.problem?.text ?? ''}`
      : lateProblem(one);
    if (outcome === 'delivered' || outcome === 'partial') findings.set(destination, undefined);
    else if (failed && only === undefined) findings.set(destination, problem);
    else if (failed) for (const address of only ?? []) findings.set(recipientSubject(destination, address), problem);
    for (const address of recipients?.accepted ?? []) findings.set(recipientSubject(destination, address), undefined);
    for (const { address, text } of recipients?.refused ?? [])
      findings.set(
        recipientSubject(destination, address),
        `${address} receives nothing, other recipients do: the server refuses it (${text})`,
      );
  }
  return [...findings].map(([subject, problem]) => ({ subject, problem }));
}

function isLate({ outcome, at, retryAt, problem, only }: Notified, giveUpAfter: Duration): boolean {
  const isTriedAgain = outcome === 'retry' || outcome === 'unknown';
  const refusedForTheMoment = only !== undefined || problem?.kind === 'refused_recipient';
  return isTriedAgain && retryAt !== undefined && retryAt - at >= lateAfter(giveUpAfter, refusedForTheMoment);
}

function lateProblem({ at, attempt, problem }: Notified): string {
  const attempts = attempt === 1 ? 'one attempt' : `${attempt} attempts`;
  return `a notification has not been delivered since ${iso(at)}, after ${attempts}: ${problem?.text ?? ''}`;
}

function recipientSubject(destination: string, address: string): string {
  return `${destination} ${address}`;
}

/** Recipients with an alert that are no longer configured: nothing is due to them, so their problem has ended. */
export function removedRecipients({ session, destination }: Pick<TurnPorts, 'session' | 'destination'>): readonly string[] {
  return livingSubjects(RECEIVER_KIND, session).filter((subject) => {
    const { of, address } = recipientOf(subject);
    const ready = of === '' ? undefined : destination(of);
    return ready?.channel.recipients?.(ready.options).includes(address) === false;
  });
}

/** Destinations whose health alert has ended from one document of health to the next. */
export function endedReceivers(before: RuleDocument, after: RuleDocument): readonly string[] {
  const living = new Set(subjectsIn(after, RECEIVER_KIND));
  return subjectsIn(before, RECEIVER_KIND).filter((subject) => !living.has(subject));
}

/** The destination and the address of a recipient's subject; an address has no blank. */
function recipientOf(subject: string): { readonly of: string; readonly address: string } {
  const blank = subject.lastIndexOf(' ');
  return { of: subject.slice(0, Math.max(0, blank)), address: subject.slice(blank + 1) };
}

/**
 * Alerts about destinations that have not been configured for an hour: nothing was resolved there, and nothing can be, but an alert that says that
 * no further notification of something will come is itself notified.
 */
export function isExpiredReceiver(
  { group, started, since }: Pick<LivingAlert, 'group' | 'started' | 'since'>,
  now: Instant,
  { destination }: Pick<TurnPorts, 'destination'>,
): boolean {
  const subject = group['subject'] ?? '';
  const isGone = destination(subject) === undefined && destination(recipientOf(subject).of) === undefined;
  return group['kind'] === RECEIVER_KIND && isGone && now - (started ?? since) >= GONE_FOR;
}
