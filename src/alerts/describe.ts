import { formatDuration } from '../core/duration.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { AlertState, Reason, Transition } from './alert-state.ts';
import type { Finding } from './finding.ts';
import { heldFor } from './gap.ts';
import type { Lifecycle } from './lifecycle.ts';

/** One line for people about what changed and why, by the rule's present keys: `fires: the condition held for 2m`. */
export function describeTransition(transition: Transition, lifecycle: Lifecycle): string {
  return SENTENCES[transition.kind](transition, lifecycle);
}

const SENTENCES: Readonly<Record<Transition['kind'], (transition: Transition, lifecycle: Lifecycle) => string>> = {
  pending: ({ reason }, lifecycle) => `pending: ${failure(reason, lifecycle)}; fires ${whenHeld(lifecycle)}`,
  dropped: ({ reason }, lifecycle) => `no longer pending: ${end(reason, lifecycle)}`,
  firing: ({ reason, from }, lifecycle) =>
    `${reason === 'event' ? 'event' : 'fires'}: ${from === 'pending' ? held(reason, lifecycle) : failure(reason, lifecycle)}`,
  worse: ({ from, level, previousLevel }) =>
    `worse: ${from === 'recovering' ? 'the condition holds again, ' : ''}${change(level, previousLevel)}`,
  better: ({ level, previousLevel }, { keepFiringFor }) =>
    `better: ${change(level, previousLevel)}${over(keepFiringFor, ', below it for ')}`,
  recovering: (_transition, { keepFiringFor }) => `recovering: clear; resolves when clear for ${formatDuration(keepFiringFor)}`,
  refiring: ({ reason }, lifecycle) => `fires again: ${failure(reason, lifecycle)}`,
  resolved: ({ reason }, lifecycle) => `resolved: ${end(reason, lifecycle)}`,
};

/** One line for people about a finding: `unknown: count has no value`. */
export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'breach':
      return finding.level === undefined ? 'breach: the condition holds' : `breach: the condition of ${finding.level} holds`;
    case 'between':
      return 'between: no condition is true, and neither is `recover`';
    case 'clear':
      return 'clear: the value is good';
    case 'absent':
      return 'absent: no document of this group';
    case 'unknown':
      return `unknown: ${finding.because}`;
  }
}

/** What an alert waits for at a tick, as `held for 1m of 2m`; undefined when it waits for nothing but its findings. */
export function describeWait(state: AlertState, lifecycle: Lifecycle, at: Instant): string | undefined {
  if (state.status === 'pending') return pendingWait(state, lifecycle, at);
  if (state.status === 'recovering') {
    if (state.clear_since === undefined) return 'must be clear again, because there was no finding for too long';
    return `clear for ${formatDuration(at - state.clear_since)} of ${formatDuration(lifecycle.keepFiringFor)}`;
  }
  if (state.settles_at !== undefined) return `a new group: breaches count in ${formatDuration(state.settles_at - at)}`;
  if (state.below === undefined) return undefined;
  return `below ${state.level ?? 'its level'} for ${formatDuration(at - state.below.since)} of ${formatDuration(lifecycle.keepFiringFor)}`;
}

function pendingWait(state: AlertState, { for: wanted }: Lifecycle, at: Instant): string {
  if (typeof wanted === 'number') return `held for ${formatDuration(heldFor(state, at))} of ${formatDuration(wanted)}`;
  const recent = state.recent ?? '';
  const breaches = recent.split('1').length - 1;
  return `${breaches} of the last ${recent.length} findings are breaches; ${wanted.breaches} of ${wanted.of} fire`;
}

function failure(reason: Reason, { noDataAfter }: Lifecycle): string {
  if (reason === 'event') return 'a document that was not notified before';
  return reason === 'no_data' ? `no data${over(noDataAfter, ' for ')}` : 'the condition holds';
}

function held(reason: Reason, lifecycle: Lifecycle): string {
  if (reason === 'no_data') return failure(reason, lifecycle);
  if (typeof lifecycle.for === 'number') return `the condition held${over(lifecycle.for, ' for ')}`;
  return `${lifecycle.for.breaches} of the last ${lifecycle.for.of} findings are breaches`;
}

function whenHeld({ for: wanted }: Lifecycle): string {
  return typeof wanted === 'number'
    ? `when held for ${formatDuration(wanted)}`
    : `at ${wanted.breaches} breaches of ${wanted.of}`;
}

function end(reason: Reason, lifecycle: Lifecycle): string {
  switch (reason) {
    case 'recovered':
      return `clear${over(lifecycle.keepFiringFor, ' for ')}`;
    case 'again':
      return 'it changed again, in a new episode';
    case 'no_data':
      return `no data${over(lifecycle.noDataAfter, ' for ')}`;
    case 'absent':
      return 'no data';
    case 'gap':
      return 'there was no finding for too long';
    case 'expired':
      return `gone${over(lifecycle.forgetAfter, ' for ')}`;
    case 'rule_changed':
      return 'the rule now groups by other fields';
    case 'event':
      return 'an event has no duration';
    case 'rule_removed':
      return 'the rule was removed';
    default:
      return 'clear';
  }
}

function over(duration: Duration, words: string): string {
  return duration > 0 ? `${words}${formatDuration(duration)}` : '';
}

function change(level: string | undefined, previous: string | undefined): string {
  return previous === undefined ? (level ?? 'another level') : `from ${previous} to ${level ?? 'no level'}`;
}
