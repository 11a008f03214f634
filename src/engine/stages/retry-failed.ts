import { alertGroupsToTryAgain } from '../try-again.ts';
import type { TurnContext } from '../turn-context.ts';

/** Tries at once what failed before this process started, or before the configuration of its destination changed. Without an answer the next sweep looks again. */
export async function retryFailed({ sweep, now, notify, ports, deliveries, log }: TurnContext): Promise<void> {
  if (!sweep || notify.suppression === undefined) return;
  const again = await alertGroupsToTryAgain(now, ports);
  if (again.ok) deliveries.claimAndSend(again.value, 'fresh');
  else log.storeProblem(again.message);
}
