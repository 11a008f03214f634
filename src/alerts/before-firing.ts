import { episodeId } from './alert-id.ts';
import type { AlertState } from './alert-state.ts';
import { heldFor } from './gap.ts';
import { ended, type Life, moved, without } from './life.ts';
import type { StepContext } from './step-context.ts';
import type { StepInput } from './step-input.ts';

type Breach = Extract<StepInput, { kind: 'breach' }>;

/** Begins pending at a first breach, or gives undefined when the rule's `for` is met by a single one. */
export function startPending(state: AlertState, breach: Breach, context: StepContext): Life | undefined {
  const { at, lifecycle } = context;
  if (typeof lifecycle.for === 'number' ? lifecycle.for <= 0 : lifecycle.for.breaches <= 1) return undefined;
  const recent = typeof lifecycle.for === 'number' ? {} : { recent: '1' };
  return moved({ ...atLevelOf(state, breach), ...recent }, { kind: 'pending', to: 'pending', reason: breach.reason, at });
}

/** Begins an episode at the breach's level. */
export function fireAlert(state: AlertState, breach: Breach, { id, at }: StepContext): Life {
  // Not after the tick that found it, whatever is said elsewhere.
  const started = Math.min(breach.began ?? at, at);
  const fired = { ...atLevelOf(without(state, 'recent', 'uncovered'), breach), episode: episodeId(id, at), started };
  const notified = fired.level === undefined ? fired : { ...fired, notified_level: fired.level };
  return moved(notified, { kind: 'firing', to: 'firing', reason: breach.reason, at, ...(started !== at && { started }) });
}

/**
 * A pending alert fires only at a breach, and at the level of that breach: changes of level before the first notification do not matter.
 * With `for: {breaches, of}` every known finding is counted, absent ones too; unknown ones are passed over.
 */
export function evaluatePending(state: AlertState, input: StepInput, context: StepContext): Life {
  const held = context.lifecycle.for;
  if (input.kind === 'unknown') return { state, transitions: [] };
  if (input.kind === 'forgotten') return ended(state, context.at, 'expired');
  return typeof held === 'number' ? evaluateHeld(state, input, held, context) : evaluateCounted(state, input, held, context);
}

function evaluateHeld(state: AlertState, input: StepInput, held: number, context: StepContext): Life {
  if (input.kind === 'between') return { state, transitions: [] };
  if (input.kind !== 'breach') return dropped(state, input, context);
  if (heldFor(state, context.at) >= held) return fireAlert(state, input, context);
  return { state: atLevelOf(state, input), transitions: [] };
}

function evaluateCounted(
  state: AlertState,
  input: StepInput,
  held: { breaches: number; of: number },
  context: StepContext,
): Life {
  const recent = `${state.recent ?? ''}${input.kind === 'breach' ? '1' : '0'}`.slice(-held.of);
  const breaches = recent.split('1').length - 1;
  if (breaches === 0) return dropped(state, input, context);
  if (input.kind !== 'breach') return { state: { ...state, recent }, transitions: [] };
  if (breaches >= held.breaches) return fireAlert(state, input, context);
  return { state: { ...atLevelOf(state, input), recent }, transitions: [] };
}

/** A run of `between` that outlasts `of` findings ends pending as a clear would: no breach is left to count. */
function dropped(state: AlertState, input: StepInput, { at }: StepContext): Life {
  return ended(state, at, input.kind === 'absent' || input.kind === 'gone' ? 'absent' : 'clear');
}

function atLevelOf(state: AlertState, breach: Breach): AlertState {
  return breach.level === undefined ? state : { ...state, level: breach.level };
}
