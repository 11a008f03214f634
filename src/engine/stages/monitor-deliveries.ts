import { enqueueOutboxes } from '../enqueue-outboxes.ts';
import { evaluateHealth } from '../self-monitoring/health.ts';
import { unreadableFindings } from '../self-monitoring/health-of-alert-groups.ts';
import { replacedFindings } from '../self-monitoring/health-of-replaced.ts';
import { brokenFindings } from '../self-monitoring/health-of-state.ts';
import type { TurnContext } from '../turn-context.ts';

/** Raises and ends health alerts by what became of the messages. */
export async function monitorDeliveries(context: TurnContext): Promise<void> {
  const news = context.log.takeNews();
  const alertGroups = unreadableFindings(news.invalidAlertGroups);
  const state = [...brokenFindings(news.errors), ...replacedFindings(news.replaced)];
  if (news.notified.length + alertGroups.length + state.length === 0) return;
  await enqueueOutboxes(await evaluateHealth({ ...news, alertGroups, state }, context), context);
}
