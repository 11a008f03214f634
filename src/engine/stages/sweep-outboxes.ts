import { enqueueOutboxes } from '../enqueue-outboxes.ts';
import { outboxDocuments } from '../sweep.ts';
import type { TurnContext } from '../turn-context.ts';

/** Enqueues what rule documents still have to pass on, whichever replica left it. */
export async function sweepOutboxes(context: TurnContext): Promise<void> {
  if (!context.sweep) return;
  const found = await outboxDocuments(context.ports, context.now);
  if (found.ok) await enqueueOutboxes(found.value, context);
  else context.log.storeProblem(found.message);
}
