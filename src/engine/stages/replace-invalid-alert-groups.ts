import { replaceInvalidGroups } from '../replace-alert-groups.ts';
import type { TurnContext } from '../turn-context.ts';

/** Begins a new alert group in place of each that was found to be invalid, and sends what it has to send; what cannot be replaced stays in the log. */
export async function replaceInvalidAlertGroups({ now, ports, deliveries, log }: TurnContext): Promise<void> {
  const answer = await replaceInvalidGroups([...log.newlyInvalid.keys()], now, ports);
  if (!answer.ok) {
    log.storeProblem(answer.message);
    return;
  }
  log.alertGroupsReplaced(answer.value);
  deliveries.claimAndSend(answer.value.begun.map(({ id }) => id));
}
