import { takeHeldUp } from '../../notify/works-again.ts';
import { enqueueOutboxes } from '../enqueue-outboxes.ts';
import { historyOf } from '../history/history-of.ts';
import { nextWake } from '../next-wake.ts';
import { outboxDocuments } from '../sweep.ts';
import { alertGroupsToTryAgain } from '../try-again.ts';
import { looksForDue, type TurnContext } from '../turn-context.ts';

/** Alert groups that one search for due work may give. */
const ALERT_GROUPS_A_TURN = 500;

/** Enqueues what rule documents still have to pass on, whichever replica left it. */
export async function sweepOutboxes(context: TurnContext): Promise<void> {
  if (!context.sweep) return;
  const found = await outboxDocuments(context.ports, context.now);
  if (found.ok) await enqueueOutboxes(found.value, context);
  else context.log.storeProblem(found.message);
}

/** Tries at once what failed before this process started, or before the configuration of its destination changed. Without an answer the next sweep looks again. */
export async function retryFailed({ sweep, now, notify, ports, deliveries, log }: TurnContext): Promise<void> {
  if (!sweep || notify.suppression === undefined) return;
  const again = await alertGroupsToTryAgain(now, ports);
  if (again.ok) deliveries.claimAndSend(again.value, 'fresh');
  else log.storeProblem(again.message);
}

/**
 * Claims and sends what is due: first what failed at receivers that take messages again, then everything else, of this process and, in a sweep, of
 * every other.
 */
export async function notifyDue(context: TurnContext): Promise<void> {
  const { now, session, deliveries } = context;
  if (!looksForDue(context)) return;
  deliveries.claimAndSend(takeHeldUp(now, session), 'early');
  deliveries.claimAndSend(await dueAlertGroups(context));
}

/** Claims and sends what alert groups have handed to others in this turn: an escalation does not wait for the next look. */
export async function notifyHandedOver({ session, deliveries }: TurnContext): Promise<void> {
  const handed = [...session.handedOver];
  session.handedOver.clear();
  deliveries.claimAndSend(handed);
}

async function dueAlertGroups({ now, sweep, ports, session, log }: TurnContext): Promise<readonly string[]> {
  const known = [...session.dues].filter(([, at]) => at <= now).map(([id]) => id);
  if (!sweep) return known;
  const found = await ports.alertGroups.due(now, ALERT_GROUPS_A_TURN + session.unread.alertGroups);
  if (!found.ok) {
    log.storeProblem(found.message);
    return known;
  }
  session.next = found.value.next;
  return [...new Set([...known, ...found.value.ids])];
}

/** Says that all that is due was begun: the next turn need not wait for the receivers of this one. */
export async function announceBegun(context: TurnContext): Promise<void> {
  context.begun?.(nextWake(context));
}

/** Waits until every message that was begun is sent and recorded, and notes its outcome. */
export async function awaitDeliveries({ deliveries, log }: TurnContext): Promise<void> {
  if (!deliveries.isUnderWay) return;
  const { notified, problems, unreadable } = await deliveries.finished();
  log.delivered(notified);
  log.storeProblem(...problems);
  log.invalidAlertGroupsMet(unreadable);
}

/** Writes the notifications of the turn into the history. */
export async function recordNotifications(context: TurnContext): Promise<void> {
  const { history } = context.ports;
  if (history.kept !== false) await history.write(historyOf({ notified: context.log.notified }, context));
}
