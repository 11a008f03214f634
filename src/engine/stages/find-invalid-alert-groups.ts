import { invalidAlertGroups } from '../replace-alert-groups.ts';
import type { TurnContext } from '../turn-context.ts';

/** Looks at a part of the alert groups in which nothing is due: an invalid one would only be met when the next message is due. */
export async function findInvalidAlertGroups({ sweep, now, ports, log }: TurnContext): Promise<void> {
  if (!sweep) return;
  const looked = await invalidAlertGroups(now, ports);
  if (looked.ok) log.invalidAlertGroupsMet(looked.value);
  else log.storeProblem(looked.message);
}
