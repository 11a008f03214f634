import type { Instant } from '../core/time.ts';
import type { AlertState, Reason, Status, Transition } from './alert-state.ts';
import { fireAlert, judgePending, startPending } from './before-firing.ts';
import type { Finding } from './finding.ts';
import { bridgeGap, withoutUncovered } from './gap.ts';
import { isWorse, relevel } from './levels.ts';
import { ended, type Life, moved, without } from './life.ts';
import { newcomer, presenceNoted, remembered } from './memory.ts';
import { type Sight, see } from './sight.ts';
import type { StepContext } from './step-context.ts';

export type { StepContext } from './step-context.ts';

/** An alert after a step: `state` is undefined when it is inactive and remembers nothing; transitions stand in their order. */
export interface Stepped {
  readonly state: AlertState | undefined;
  readonly transitions: readonly Transition[];
}

/**
 * Judges one finding of one alert: the state after it and what changed, each transition leaving where the one before arrived.
 * Must see every tick that the rule judges while there is a state, with `unknown` for a group that the answer says nothing about.
 */
export function step(state: AlertState | undefined, finding: Finding, context: StepContext): Stepped {
  const bridged = bridgeGap(state === undefined ? newcomer(context) : withoutUncovered(state, context), context);
  const noted = presenceNoted(bridged.state, finding, context);
  const sight = see(noted, finding, context);
  const judged = JUDGES[noted.status](noted, sight, context);
  const leveled = relevel(judged.state, sight, context);
  return {
    state: remembered(leveled.state, context),
    transitions: [...bridged.transitions, ...judged.transitions, ...leveled.transitions],
  };
}

/** Ends an alert from outside its findings: firing and recovering are resolved with the reason, pending is dropped, the rest is forgotten. */
export function endAlert(
  state: AlertState | undefined,
  at: Instant,
  reason: 'expired' | 'rule_changed' | 'rule_removed',
): Stepped {
  return { state: undefined, transitions: state === undefined ? [] : ended(state, at, reason).transitions };
}

type Judge = (state: AlertState, sight: Sight, context: StepContext) => Life;

const JUDGES: Readonly<Record<Status, Judge>> = {
  inactive: judgeInactive,
  pending: judgePending,
  firing: judgeFiring,
  recovering: judgeRecovering,
};

function judgeInactive(state: AlertState, sight: Sight, context: StepContext): Life {
  if (sight.kind !== 'breach') return { state, transitions: [] };
  return startPending(state, sight, context) ?? fireAlert(state, sight, context);
}

function judgeFiring(state: AlertState, sight: Sight, context: StepContext): Life {
  const { at, lifecycle } = context;
  if (sight.kind === 'clear') {
    if (lifecycle.keepFiringFor <= 0) return ended(state, at, 'recovered');
    return moved({ ...state, clear_since: at }, 'recovering', 'recovering', 'clear', at);
  }
  return goneOrStays(state, sight, at);
}

function judgeRecovering(state: AlertState, sight: Sight, context: StepContext): Life {
  const { at, lifecycle } = context;
  if (sight.kind === 'breach') return fallBack(state, sight.level, sight.reason, context);
  if (sight.kind === 'clear') {
    const since = state.clear_since ?? at;
    if (at - since >= lifecycle.keepFiringFor) return ended(state, at, 'recovered');
    return { state: { ...state, clear_since: since }, transitions: [] };
  }
  return goneOrStays(state, sight, at);
}

/** Recovering to firing: worth telling only when it is worse than what receivers last heard. */
function fallBack(state: AlertState, level: string | undefined, reason: Reason, { at, lifecycle }: StepContext): Life {
  const back = without(state, 'clear_since');
  if (level === undefined || !isWorse(level, state.told_level, lifecycle)) return moved(back, 'refiring', 'firing', reason, at);
  return moved({ ...back, level, told_level: level }, 'worse', 'firing', reason, at, state.level);
}

function goneOrStays(state: AlertState, sight: Sight, at: Instant): Life {
  if (sight.kind === 'gone') return ended(state, at, 'no_data');
  if (sight.kind === 'forgotten') return ended(state, at, 'expired');
  return { state, transitions: [] };
}
