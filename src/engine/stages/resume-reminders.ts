import { alertGroupId } from '../../notify/alert-group-id.ts';
import { loadAlertGroups } from '../../notify/alert-group-session.ts';
import { escalatedTo } from '../../notify/escalate.ts';
import { firingAlerts } from '../firing-alerts.ts';
import type { TurnContext } from '../turn-context.ts';

/**
 * Looks at once at who is notified of alerts whose acknowledgement was taken back: their reminders, and their escalation, go on. A replica that has
 * only started does not know of it; then the alert groups are looked at within ten minutes.
 */
export async function resumeReminders({ sweep, session, notify, ports, deliveries, log }: TurnContext): Promise<void> {
  if (!sweep || session.takenBack.size === 0 || notify.suppression === undefined) return;
  const firing = await firingAlerts(ports);
  if (!firing.ok) {
    log.storeProblem(`the alerts that are no longer acknowledged could not be read: ${firing.message}`);
    return;
  }
  const meant = firing.value.filter(({ id }) => session.takenBack.has(id));
  const holders = meant.map(({ id, targets }) => ({
    id,
    groups: targets.map((target) => alertGroupId(ports.namespace, target)),
  }));
  const direct = [...new Set(holders.flatMap(({ groups }) => groups))];
  const loaded = await loadAlertGroups(direct, notify.ports);
  if (!loaded.ok) {
    log.storeProblem(`the receivers of alerts that are no longer acknowledged could not be read: ${loaded.message}`);
    return;
  }
  const escalated = holders.flatMap(({ id, groups }) =>
    groups.flatMap((group) => {
      const found = loaded.value.get(group);
      return found === undefined ? [] : escalatedTo(found.document, id).map((target) => alertGroupId(ports.namespace, target));
    }),
  );
  session.takenBack.clear();
  deliveries.claimAndSend([...new Set([...direct, ...escalated])]);
}
