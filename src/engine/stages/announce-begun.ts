import { nextWake } from '../next-wake.ts';
import type { TurnContext } from '../turn-context.ts';

/** Says that all that is due was begun: whoever starts turns need not wait for receivers. */
export async function announceBegun(context: TurnContext): Promise<void> {
  context.begun?.(nextWake(context));
}
