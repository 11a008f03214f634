import type { TurnContext } from '../turn-context.ts';

/** Waits until every message that was begun is sent and recorded, and notes what became of it. */
export async function awaitDeliveries({ deliveries, log }: TurnContext): Promise<void> {
  const { notified, problems, unreadable } = await deliveries.finished();
  log.delivered(notified);
  log.storeProblem(...problems);
  log.invalidAlertGroupsMet(unreadable);
}
