import { uncovered } from '../core/schedule.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { AlertState } from './alert-state.ts';
import { ended, type Life, without } from './life.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { StepContext } from './step-context.ts';

/**
 * Carries an alert over time in which nothing was learnt of it: a gap, failed evaluations, unknown findings, or all of these
 * in a row, measured from the last known finding to this tick. Too long for `for`, a pending alert ends; a recovering one has
 * to be clear again, and a level below the present one has to hold again. A long run of unknown findings ends pending while it
 * lasts, at the first evaluated tick past the limit.
 */
export function bridgeGap(state: AlertState, context: StepContext): Life {
  const known = state.unknown_since ?? context.previous;
  if (known === undefined || context.at - known <= longestSilence(context.lifecycle, context.every)) {
    return { state, transitions: [] };
  }
  if (state.status === 'pending') return ended(state, context.at, 'gap');
  return { state: without(state, 'clear_since', 'below'), transitions: [] };
}

/**
 * The state with time that no evaluation covered taken out of every wait for proof: `for`, `keep_firing_for`, a level to stay below,
 * an absence. What happens to the group itself goes on meanwhile: `settle` counts it.
 */
export function withoutUncovered(state: AlertState, { previous, at, every }: StepContext): AlertState {
  const lost = uncovered(previous, at, every);
  if (lost === 0) return state;
  const { clear_since, below, last_present } = state;
  return {
    ...state,
    ...(state.status === 'pending' && { uncovered: (state.uncovered ?? 0) + lost }),
    ...(clear_since !== undefined && { clear_since: clear_since + lost }),
    ...(below !== undefined && { below: { ...below, since: below.since + lost } }),
    last_present: (last_present ?? state.since) + lost,
  };
}

/** How long a pending alert was seen to be bad at `at`, ms. */
export function heldFor({ since, uncovered: lost = 0 }: AlertState, at: Instant): Duration {
  return at - since - lost;
}

/** `max(for, 2 × every)` in ms; a `for` that counts breaches is as long as the findings it looks at. */
function longestSilence({ for: held }: Lifecycle, every: Duration): Duration {
  return Math.max(typeof held === 'number' ? held : held.of * every, 2 * every);
}
