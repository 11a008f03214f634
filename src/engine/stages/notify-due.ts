import { takeHeldUp } from '../../notify/works-again.ts';
import { looksForDue, type TurnContext } from '../turn-context.ts';

const ALERT_GROUPS_A_TURN = 500;

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

async function dueAlertGroups({ now, sweep, ports, session, log }: TurnContext): Promise<readonly string[]> {
  const known = [...session.dues].filter(([, at]) => at <= now).map(([id]) => id);
  if (!sweep) return known;
  const found = await ports.alertGroups.due(now, ALERT_GROUPS_A_TURN);
  if (!found.ok) {
    log.storeProblem(found.message);
    return known;
  }
  session.next = found.value.next;
  return [...new Set([...known, ...found.value.ids])];
}
