import { alertGroupId } from '../../notify/alert-group-id.ts';
import { endKey } from '../../notify/silence-ends.ts';
import { matchesAll } from '../../routing/matches.ts';
import { enqueueOutboxes } from '../enqueue-outboxes.ts';
import { firingAlerts } from '../firing-alerts.ts';
import { silenceEndOutbox } from '../silence-end-news.ts';
import type { TurnContext } from '../turn-context.ts';

/**
 * Finds out what still fires of what silences matched that have just ended: its alert groups say so with their next message, once, and so does the
 * receiver that the silence names. Without an answer of the store the next sweep looks again.
 */
export async function announceSilenceEnds(context: TurnContext): Promise<void> {
  const { sweep, notify, session, ports, deliveries, log } = context;
  if (!sweep || notify.suppression === undefined) return;
  const open = notify.ended.filter((silence) => !session.announcedEnds.has(endKey(silence)));
  const known = new Set(notify.ended.map(endKey));
  for (const key of session.announcedEnds) if (!known.has(key)) session.announcedEnds.delete(key);
  if (open.length === 0) return;
  const firing = await firingAlerts(ports);
  if (!firing.ok) {
    log.storeProblem(`the alerts that still fire after a silence could not be read: ${firing.message}`);
    return;
  }
  for (const silence of open) {
    const alerts = firing.value.filter((alert) => alert.since < silence.ends_at && matchesAll(silence.matchers, alert.labels));
    const ids = alerts.flatMap(({ targets }) => targets.map((target) => alertGroupId(ports.namespace, target)));
    const taken = await enqueueOutboxes(silenceEndOutbox(silence, alerts, ports), context);
    deliveries.claimAndSend([...new Set(ids)]);
    // No one else keeps what the silence's receiver has not taken over.
    if (taken) session.announcedEnds.add(endKey(silence));
  }
}
