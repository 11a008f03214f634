import type { Duration, Instant } from '../core/time.ts';
import { nextHeldUp } from '../notify/works-again.ts';
import { looksForDue, type TurnContext } from './turn-context.ts';

/** When a store did not answer, the next look, ms. */
const STORE_RETRY: Duration = 5_000;

/** The earliest moment at which an alert group is due that this process knows of, or a store that did not answer is asked again; undefined: nothing waits. */
export function nextWake(context: TurnContext): Instant | undefined {
  const { now, session, log } = context;
  // What is still due after a turn that looked for it could not be done: a store is away, or another replica is at it.
  const late = now + (looksForDue(context) ? STORE_RETRY : 1);
  let wake = log.isFailing ? now + STORE_RETRY : Number.POSITIVE_INFINITY;
  const { dues, next } = session;
  for (const time of dues.values()) wake = Math.min(wake, time > now ? time : late);
  const early = nextHeldUp(session);
  if (early !== undefined) wake = Math.min(wake, early > now || !log.isFailing ? Math.max(early, now) : now + STORE_RETRY);
  if (next !== undefined) wake = Math.min(wake, next > now ? next : late);
  return wake === Number.POSITIVE_INFINITY ? undefined : wake;
}
