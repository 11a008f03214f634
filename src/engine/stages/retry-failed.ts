import { alertGroupsToTryAgain } from '../try-again.ts';
import type { TurnContext } from '../turn-context.ts';

/** Tries at once what failed before the process started, or before a destination was configured anew; what could not be looked for is looked for again. */
export async function retryFailed({ sweep, now, notify, ports, deliveries, log }: TurnContext): Promise<void> {
  if (!sweep || notify.suppression === undefined) return;
  const again = await alertGroupsToTryAgain(now, ports);
  if (again.ok) deliveries.claimAndSend(again.value, 'anew');
  else log.storeProblem(again.message);
}
