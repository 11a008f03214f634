import { documentsAside } from '../self-monitoring/health-of-state.ts';
import type { TurnContext } from '../turn-context.ts';

/** Notes invalid documents that no evaluation meets: of rules that are not loaded, and that of the health alerts. */
export async function noteDocumentsAside({ sweep, session, log }: TurnContext): Promise<void> {
  if (sweep) log.documentsInvalid(documentsAside(session));
}
