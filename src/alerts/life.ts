import type { Instant } from '../core/time.ts';
import type { AlertState, Reason, Transition } from './alert-state.ts';

/** An alert in the middle of a step: an inactive one has a state here too. */
export interface Life {
  readonly state: AlertState;
  readonly transitions: readonly Transition[];
}

type Forgettable = { [K in keyof AlertState]-?: undefined extends AlertState[K] ? K : never }[keyof AlertState];

/** The state without some of its optional fields: the same one where it has none of them, as at most ticks. */
export function without(state: AlertState, ...fields: readonly Forgettable[]): AlertState {
  if (!fields.some((field) => field in state)) return state;
  const copy: { -readonly [K in keyof AlertState]: AlertState[K] } = { ...state };
  for (const field of fields) delete copy[field];
  return copy;
}

/** Where an alert goes at a tick, and why; `previousLevel` where the level changes with it. */
type Move = Pick<Transition, 'kind' | 'to' | 'reason' | 'at' | 'previousLevel' | 'started'>;

/** The state moved to a status at a tick, with the transition that says so. */
export function moved(state: AlertState, { kind, to, reason, at, previousLevel, started }: Move): Life {
  const transition: Transition = {
    kind,
    from: state.status,
    to,
    reason,
    at,
    ...(state.episode !== undefined && { episode: state.episode }),
    ...(state.level !== undefined && { level: state.level }),
    ...(previousLevel !== undefined && { previousLevel }),
    ...(started !== undefined && { started }),
  };
  return { state: to === state.status ? state : { ...state, status: to, since: at }, transitions: [transition] };
}

/** The alert made inactive: firing and recovering by `resolved`, pending by `dropped`; the last level and the episode are in the transition. */
export function ended(state: AlertState, at: Instant, reason: Reason): Life {
  if (state.status === 'inactive') return { state, transitions: [] };
  const kind = state.status === 'pending' ? 'dropped' : 'resolved';
  const { transitions } = moved(state, { kind, to: 'inactive', reason, at });
  return { state: inactive(state, at), transitions };
}

/** Built from what outlives an episode, so that nothing of a past one can leak into the next. */
function inactive({ group, last_present }: AlertState, since: Instant): AlertState {
  return { group, status: 'inactive', since, ...(last_present !== undefined && { last_present }) };
}
