import type { Instant } from '../core/time.ts';
import type { AlertState, Reason, Status, Transition } from './alert-state.ts';
import { evaluatePending, fireAlert, startPending } from './before-firing.ts';
import type { Finding } from './finding.ts';
import { bridgeGap, withoutUncovered } from './gap.ts';
import { isWorse, relevel } from './levels.ts';
import { ended, type Life, moved, without } from './life.ts';
import { newAlert, presenceNoted, remembered } from './memory.ts';
import type { StepContext } from './step-context.ts';
import { inputOf, type StepInput } from './step-input.ts';

export type { StepContext } from './step-context.ts';

/** An alert after a step: `state` is undefined when it is inactive and remembers nothing; transitions are in order. */
export interface Stepped {
  readonly state: AlertState | undefined;
  readonly transitions: readonly Transition[];
}

/**
 * Evaluates one finding of one alert: the state after it and what changed, each transition leaving where the one before arrived.
 * Must see every tick that the rule evaluates while there is a state, with `unknown` for a group that the answer says nothing about.
 */
export function step(state: AlertState | undefined, finding: Finding, context: StepContext): Stepped {
  const bridged = bridgeGap(state === undefined ? newAlert(context) : withoutUncovered(state, context), context);
  const noted = presenceNoted(bridged.state, finding, context);
  const input = inputOf(noted, finding, context);
  const evaluated = EVALUATES[noted.status](noted, input, context);
  const leveled = relevel(evaluated.state, input, context);
  return {
    state: remembered(leveled.state, context),
    transitions: [...bridged.transitions, ...evaluated.transitions, ...leveled.transitions],
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

type Evaluate = (state: AlertState, input: StepInput, context: StepContext) => Life;

const EVALUATES: Readonly<Record<Status, Evaluate>> = {
  inactive: evaluateInactive,
  pending: evaluatePending,
  firing: evaluateFiring,
  recovering: evaluateRecovering,
};

function evaluateInactive(state: AlertState, input: StepInput, context: StepContext): Life {
  if (input.kind !== 'breach') return { state, transitions: [] };
  return startPending(state, input, context) ?? fireAlert(state, input, context);
}

function evaluateFiring(state: AlertState, input: StepInput, context: StepContext): Life {
  const { at, lifecycle } = context;
  if (input.kind === 'clear') {
    if (lifecycle.keepFiringFor <= 0) return ended(state, at, 'recovered');
    return moved({ ...state, clear_since: at }, { kind: 'recovering', to: 'recovering', reason: 'clear', at });
  }
  if (input.kind === 'breach' && input.again) return beginAgain(state, input, context);
  if (input.kind === 'breach') return { state: startedAsSaid(state, input, at), transitions: [] };
  return goneOrStays(state, input, at);
}

/** Where it is said from elsewhere when an alert began, that may be corrected while it fires; one that fires does not begin in the future. */
function startedAsSaid(state: AlertState, { began }: Extract<StepInput, { kind: 'breach' }>, at: Instant): AlertState {
  return began === undefined || began > at || began === state.started ? state : { ...state, started: began };
}

function evaluateRecovering(state: AlertState, input: StepInput, context: StepContext): Life {
  const { at, lifecycle } = context;
  if (input.kind === 'breach' && input.again) return beginAgain(state, input, context);
  if (input.kind === 'breach') return fallBack(state, input.level, input.reason, context);
  if (input.kind === 'clear') {
    const since = state.clear_since ?? at;
    if (at - since >= lifecycle.keepFiringFor) return ended(state, at, 'recovered');
    return { state: { ...state, clear_since: since }, transitions: [] };
  }
  return goneOrStays(state, input, at);
}

/** The episode gives way to the next at one tick: who was notified of what happened before is to be notified of this too. */
function beginAgain(state: AlertState, breach: Extract<StepInput, { kind: 'breach' }>, context: StepContext): Life {
  const over = ended(state, context.at, 'again');
  const begun = fireAlert(over.state, breach, context);
  return { state: begun.state, transitions: [...over.transitions, ...begun.transitions] };
}

/** Recovering to firing: notified only if it is worse than what receivers were last notified of. */
function fallBack(state: AlertState, level: string | undefined, reason: Reason, { at, lifecycle }: StepContext): Life {
  const back = without(state, 'clear_since');
  if (level === undefined || !isWorse(level, state.notified_level, lifecycle))
    return moved(back, { kind: 'refiring', to: 'firing', reason, at });
  const worse = {
    kind: 'worse',
    to: 'firing',
    reason,
    at,
    ...(state.level !== undefined && { previousLevel: state.level }),
  } as const;
  return moved({ ...back, level, notified_level: level }, worse);
}

function goneOrStays(state: AlertState, input: StepInput, at: Instant): Life {
  if (input.kind === 'gone') return ended(state, at, 'no_data');
  if (input.kind === 'forgotten') return ended(state, at, 'expired');
  return { state, transitions: [] };
}

/**
 * An event of an alert: an episode that begins and ends at its tick, so that it is notified once, may be silenced, and leaves nothing to
 * remind of. Nothing of the rule's life cycle but its levels applies.
 */
export function notifyEvent(level: string | undefined, context: StepContext): Stepped {
  const { group, at } = context;
  const quiet = { group, status: 'inactive', since: at } as const;
  const begun = fireAlert(quiet, { kind: 'breach', reason: 'event', ...(level !== undefined && { level }) }, context);
  return { state: undefined, transitions: [...begun.transitions, ...ended(begun.state, at, 'event').transitions] };
}
