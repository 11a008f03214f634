import type { Instant } from '../core/time.ts';
import type { AlertState } from '../state/rule-document.ts';

export type { AlertState } from '../state/rule-document.ts';

/** The status of an alert. */
export type Status = AlertState['status'];

/** Says whether receivers know an alert of this status as firing: one that recovers has not ended yet. */
export function countsAsFiring(status: string): boolean {
  return status === 'firing' || status === 'recovering';
}

/** Why an alert changed; part of the public JSON. */
export type Reason =
  | 'breach'
  | 'no_data'
  | 'recovered'
  /** It fires because something happened, and that happened again: the next episode begins at the same tick. */
  | 'again'
  | 'gap'
  | 'expired'
  | 'rule_changed'
  | 'rule_removed'
  | 'clear'
  | 'absent'
  | 'worse'
  | 'better'
  /** A document that is notified once: its episode begins and ends at one tick. */
  | 'event';

/**
 * One change of an alert. `kind` says what receivers would be notified of: firing, worse, better and resolved are notified;
 * `pending`, `dropped` (pending ended), `recovering` and `refiring` (recovering fell back, same level) are not.
 */
export interface Transition {
  readonly kind: 'pending' | 'dropped' | 'firing' | 'worse' | 'better' | 'recovering' | 'refiring' | 'resolved';
  readonly from: Status;
  readonly to: Status;
  readonly reason: Reason;
  readonly at: Instant;
  readonly episode?: string;
  readonly level?: string;
  readonly previousLevel?: string;
  /** Of a `firing`: when it began, if that was before `at`. */
  readonly started?: Instant;
}

/** Says whether receivers are notified of a transition (it gets targets when it is saved). */
export function isNotifiable(transition: Transition): boolean {
  return (
    transition.kind === 'firing' || transition.kind === 'worse' || transition.kind === 'better' || transition.kind === 'resolved'
  );
}
