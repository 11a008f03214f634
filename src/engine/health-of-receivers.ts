import type { Duration, Instant } from '../core/time.ts';
import { knownDocument } from '../cycle/session.ts';
import type { Notified } from '../notifications/delivery-ports.ts';
import { HEALTH_RULE_ID } from './health-subjects.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Kind of the health alerts about destinations and their recipients. */
export const RECEIVER_KIND = 'receiver';

/** What attempts say of a destination, or of one recipient of it; without a problem: it works. */
export interface ReceiverFinding {
  readonly subject: string;
  readonly problem: string | undefined;
}

/** How long the alert about a destination that is no longer configured lasts, ms: nothing can ever succeed there. */
const GONE_FOR: Duration = 3_600_000;

/**
 * What the attempts of a turn say of their destinations and recipients. Only a message that was delivered says that a destination works, and only
 * one that its server accepted for a recipient says so of the recipient; an attempt that will be repeated says nothing.
 */
export function receiverFindings(notified: readonly Notified[]): readonly ReceiverFinding[] {
  const findings = new Map<string, string | undefined>();
  for (const one of notified) {
    const { destination, outcome, only, recipients } = one;
    const failed = outcome === 'rejected' || outcome === 'given_up';
    const problem = `a notification failed (${outcome}): ${one.problem?.text ?? ''}`;
    if (outcome === 'delivered' || outcome === 'partial') findings.set(destination, undefined);
    else if (failed && only === undefined) findings.set(destination, problem);
    else if (failed) for (const address of only ?? []) findings.set(recipientSubject(destination, address), problem);
    for (const address of recipients?.accepted ?? []) findings.set(recipientSubject(destination, address), undefined);
    for (const { address, text } of recipients?.refused ?? [])
      findings.set(
        recipientSubject(destination, address),
        `${address} receives nothing, the others do: the server refuses it (${text})`,
      );
  }
  return [...findings].map(([subject, problem]) => ({ subject, problem }));
}

function recipientSubject(destination: string, address: string): string {
  return `${destination} ${address}`;
}

/**
 * Subjects whose alert ends because they are no longer configured: a recipient at once, a destination once its alert has lasted for an hour,
 * since that alert may say that nothing more is heard of what it was told.
 */
export function goneReceivers(
  now: Instant,
  { session, destination }: Pick<TurnPorts, 'session' | 'destination'>,
): readonly string[] {
  const living = Object.values(knownDocument(session, HEALTH_RULE_ID)?.alerts ?? {});
  return living.flatMap(({ group, started, since }) => {
    if (group['kind'] !== RECEIVER_KIND) return [];
    const subject = group['subject'] ?? '';
    if (destination(subject) !== undefined) return [];
    const { of, address } = recipientOf(subject);
    const ready = destination(of);
    if (ready?.channel.recipients !== undefined)
      return ready.channel.recipients(ready.options).includes(address) ? [] : [subject];
    return now - (started ?? since) >= GONE_FOR ? [subject] : [];
  });
}

/** The destination and the address of a recipient's subject; an address has no blank. */
function recipientOf(subject: string): { readonly of: string; readonly address: string } {
  const blank = subject.lastIndexOf(' ');
  return { of: subject.slice(0, Math.max(0, blank)), address: subject.slice(blank + 1) };
}
