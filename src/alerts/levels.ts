import type { AlertState } from './alert-state.ts';
import { type Life, moved, without } from './life.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { StepContext } from './step-context.ts';
import type { StepInput } from './step-input.ts';

/** Says whether a level is worse than another; one that the rule no longer has counts as milder than all, so that the change is notified. */
export function isWorse(level: string, than: string | undefined, { levels }: Pick<Lifecycle, 'levels'>): boolean {
  return rank(level, levels) < rank(than, levels);
}

/**
 * Moves the level of an alert that fires or recovers: up at once; down when every finding for `keep_firing_for` was below the
 * present level, to the worst of them. Between and clear are below every level and count as the mildest; absent and unknown
 * prove nothing and end the run. After each change the run starts over, so a fall through three levels takes two runs. While a finding is
 * clear, the level stays: the alert is about to end, and no condition holds that the lower level could mean.
 */
export function relevel(state: AlertState, input: StepInput, { at, lifecycle }: StepContext): Life {
  if (state.status !== 'firing' && state.status !== 'recovering') return { state, transitions: [] };
  if (input.kind === 'breach' && input.level !== undefined && isWorse(input.level, state.level, lifecycle)) {
    return changed(state, input.level, 'worse', at);
  }
  const seen = levelOf(input, state, lifecycle);
  if (!isBelow(seen, state.level, lifecycle)) return { state: without(state, 'below'), transitions: [] };
  const below = state.below ?? { since: at, worst: seen };
  const worst = isWorse(seen, below.worst, lifecycle) ? seen : below.worst;
  if (input.kind === 'clear' || at - below.since < lifecycle.keepFiringFor) {
    return { state: { ...state, below: { since: below.since, worst } }, transitions: [] };
  }
  const down = changed(state, worst, 'better', at);
  if (!isBelow(seen, worst, lifecycle)) return down;
  return { ...down, state: { ...down.state, below: { since: at, worst: seen } } };
}

function changed(state: AlertState, level: string, kind: 'worse' | 'better', at: number): Life {
  const next = { ...without(state, 'below'), level, notified_level: level };
  const previousLevel = state.level === undefined ? {} : { previousLevel: state.level };
  return moved(next, { kind, to: state.status, reason: kind, at, ...previousLevel });
}

function levelOf(input: StepInput, state: AlertState, { levels }: Lifecycle): string | undefined {
  if (input.kind === 'breach') return input.level ?? state.level;
  return input.kind === 'between' || input.kind === 'clear' ? levels.at(-1) : undefined;
}

function isBelow(level: string | undefined, present: string | undefined, lifecycle: Lifecycle): level is string {
  return level !== undefined && present !== undefined && isWorse(present, level, lifecycle);
}

function rank(level: string | undefined, levels: readonly string[]): number {
  const index = level === undefined ? -1 : levels.indexOf(level);
  return index < 0 ? levels.length : index;
}
