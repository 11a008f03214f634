import type { Receiver } from '../stage/files.ts';
import type { Transition } from '../stage/story.ts';
import type { Hearing } from './hearing.ts';

/** Whether people must have read of a transition, must not have, or may have. */
type Duty = 'due' | 'may' | 'never';

/** People, and what they are to have read of a story. */
export interface Audience {
  /** The receivers that they read: several, where one takes the place of another. */
  readonly receivers: readonly Receiver[];
  readonly duty: (transition: Transition) => Duty;
  /** What else must hold of what they read; gives what does not. */
  readonly checks?: readonly ((hearing: Hearing) => readonly string[])[];
}

/** Someone who is notified of each transition. */
export function everything(receiver: Receiver): Audience {
  return { receivers: [receiver], duty: () => 'due' };
}
