import { nextWake } from '../next-wake.ts';
import type { TurnContext } from '../turn-context.ts';

/** Says that all that is due was begun: the next turn need not wait for the receivers of this one. */
export async function announceBegun(context: TurnContext): Promise<void> {
  context.begun?.(nextWake(context));
}
