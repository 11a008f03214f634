import { fireAlert } from './before-firing.ts';
import { ended } from './life.ts';
import type { Stepped } from './step.ts';
import type { StepContext } from './step-context.ts';

/**
 * An event of an alert: an episode that begins and ends at its tick, so that it is outstanding once, may be silenced, and leaves nothing to
 * remind of. Nothing of the rule's life cycle but its levels applies.
 */
export function notifyEvent(level: string | undefined, context: StepContext): Stepped {
  const { group, at } = context;
  const quiet = { group, status: 'inactive', since: at } as const;
  const begun = fireAlert(quiet, { kind: 'breach', reason: 'event', ...(level !== undefined && { level }) }, context);
  return { state: undefined, transitions: [...begun.transitions, ...ended(begun.state, at, 'event').transitions] };
}
