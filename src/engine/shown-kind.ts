import type { Transition } from '../alerts/alert-state.ts';

/** What people see of a transition: the beginning of an event is the event, and its end, at the same tick, is nothing. */
export function shownKind({ kind, reason }: Pick<Transition, 'kind' | 'reason'>): Transition['kind'] | 'event' | undefined {
  if (reason !== 'event') return kind;
  return kind === 'resolved' ? undefined : 'event';
}
