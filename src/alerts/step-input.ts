import type { Instant } from '../core/time.ts';
import type { AlertState } from './alert-state.ts';
import type { Finding } from './finding.ts';
import { isAlwaysKnown } from './memory.ts';
import type { StepContext } from './step-context.ts';

/**
 * A finding in the light of what is remembered. `gone`: absent for `no_data_after` under `no_data: resolve`;
 * `forgotten`: absent for `forget_after` under `no_data: alert`.
 */
export type StepInput =
  | {
      readonly kind: 'breach';
      readonly level?: string;
      readonly reason: 'breach' | 'no_data' | 'event';
      readonly again?: true;
      readonly began?: Instant;
    }
  | { readonly kind: 'between' | 'clear' | 'absent' | 'gone' | 'forgotten' | 'unknown' };

/**
 * Says what a finding amounts to. Under `no_data: alert`, absent for long enough is a breach at the present level, or at the
 * worst level if there is none, because the severity is unknown. While a new group settles, a breach of either kind counts as unknown.
 */
export function inputOf(state: AlertState, finding: Finding, context: StepContext): StepInput {
  const input = finding.kind === 'absent' ? inputOfAbsence(state, context) : plainly(finding);
  return input.kind === 'breach' && state.settles_at !== undefined ? { kind: 'unknown' } : input;
}

function plainly(finding: Exclude<Finding, { kind: 'absent' }>): StepInput {
  if (finding.kind !== 'breach') return { kind: finding.kind };
  const { kind, ...breach } = finding;
  return { kind, reason: 'breach', ...breach };
}

function inputOfAbsence(state: AlertState, { at, lifecycle, group }: StepContext): StepInput {
  const absentFor = at - (state.last_present ?? state.since);
  if (lifecycle.noData === 'alert' && absentFor >= lifecycle.forgetAfter && !isAlwaysKnown(group)) return { kind: 'forgotten' };
  if (absentFor < lifecycle.noDataAfter || lifecycle.noData === 'keep') return { kind: 'absent' };
  if (lifecycle.noData === 'resolve') return { kind: 'gone' };
  const level = state.level ?? (lifecycle.levels.length > 1 ? lifecycle.levels[0] : undefined);
  return { kind: 'breach', reason: 'no_data', ...(level !== undefined && { level }) };
}
