import type { AlertState } from './alert-state.ts';
import type { Finding } from './finding.ts';
import { without } from './life.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { StepContext } from './step-context.ts';

/** The state of a group that is not remembered: inactive, and new, so that `settle` and `no_data_after` count from this tick. */
export function newAlert({ group, at, lifecycle }: StepContext): AlertState {
  return {
    group,
    status: 'inactive',
    since: at,
    last_present: at,
    ...(lifecycle.settle > 0 && { settles_at: at + lifecycle.settle }),
  };
}

/** The state with what this tick says apart from the finding's verdict: presence, whether anything is known, the end of a grace. */
export function presenceNoted(state: AlertState, finding: Finding, { at, present, previous }: StepContext): AlertState {
  const seen = present ? { ...state, last_present: at } : state;
  const settled = seen.settles_at !== undefined && at >= seen.settles_at ? without(seen, 'settles_at') : seen;
  if (finding.kind !== 'unknown') return without(settled, 'unknown_since');
  return { ...settled, unknown_since: settled.unknown_since ?? previous ?? at };
}

/**
 * What is stored after a step. An inactive group is remembered only where its past matters: under `no_data: alert` and under
 * `settle`, until it was away for `forget_after`; the one group of a rule without `group_by` is never forgotten.
 */
export function remembered(state: AlertState, { at, group, lifecycle }: StepContext): AlertState | undefined {
  if (state.status !== 'inactive') return state;
  const matters = lifecycle.noData === 'alert' || lifecycle.settle > 0;
  const away = at - (state.last_present ?? state.since) >= lifecycle.forgetAfter;
  if (!matters || (away && !isAlwaysKnown(group))) return undefined;
  return without(state, 'unknown_since');
}

/**
 * Says whether a type should measure the group though it has no document: a living alert, or one remembered for its absence.
 * A group remembered only because it is new is not: counted as 0, it would always seem present.
 */
export function isKnown({ status }: AlertState, { noData }: Lifecycle): boolean {
  return status !== 'inactive' || noData === 'alert';
}

/** Says whether the group is the only one of its rule, which no absence makes unknown. */
export function isAlwaysKnown(group: AlertState['group']): boolean {
  return Object.keys(group).length === 0;
}
