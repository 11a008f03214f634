import { historyOf } from '../history/history-of.ts';
import type { TurnContext } from '../turn-context.ts';

/** Writes the notifications of the turn into the history. */
export async function recordNotifications(context: TurnContext): Promise<void> {
  await context.ports.history.write(historyOf({ notified: context.log.notified }, context));
}
