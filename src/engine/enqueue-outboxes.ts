import { enqueue, type RuleOutbox } from '../notify/enqueue.ts';
import { settleConfirmed } from './sweep.ts';
import type { TurnContext } from './turn-context.ts';

/** Enqueues outbox entries in their alert groups, and begins to send the messages that were claimed in the same writes. False: some were not taken. */
export async function enqueueOutboxes(outboxes: readonly RuleOutbox[], context: TurnContext): Promise<boolean> {
  if (outboxes.length === 0) return true;
  const { session, deliveries, log, notify } = context;
  const { confirmed, claimed, failed, unreadable } = await enqueue(outboxes, notify);
  settleConfirmed(session, confirmed);
  deliveries.send(claimed);
  log.invalidAlertGroupsMet(unreadable);
  if (failed.length > 0) log.unfinished();
  log.storeProblem(...failed.flatMap(({ problem }) => problem ?? []));
  return failed.length === 0 && unreadable.size === 0;
}
