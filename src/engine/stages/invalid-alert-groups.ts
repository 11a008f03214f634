import { invalidAlertGroups, replaceInvalidGroups } from '../replace-alert-groups.ts';
import type { TurnContext } from '../turn-context.ts';

/** Looks at a part of the alert groups in which nothing is due: an invalid one would only be met when the next message is due. */
export async function findInvalidAlertGroups({ sweep, now, ports, log }: TurnContext): Promise<void> {
  if (!sweep) return;
  const looked = await invalidAlertGroups(now, ports);
  if (looked.ok) log.invalidAlertGroupsMet(looked.value);
  else log.storeProblem(looked.message);
}

/** Begins a new alert group in place of each that was found to be invalid, and sends what it has to send; what cannot be replaced stays in the log. */
export async function replaceInvalidAlertGroups({ now, ports, deliveries, log }: TurnContext): Promise<void> {
  if (log.newlyInvalid.size === 0) return;
  const answer = await replaceInvalidGroups([...log.newlyInvalid.keys()], now, ports);
  if (!answer.ok) {
    log.storeProblem(answer.message);
    return;
  }
  log.alertGroupsReplaced(answer.value);
  deliveries.claimAndSend(answer.value.begun.map(({ id }) => id));
}
