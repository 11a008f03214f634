import type { Instant } from '../core/time.ts';
import type { NotifyContext } from '../notify/notify-context.ts';
import type { Rule } from '../rules/rule.ts';
import type { Deliveries } from './deliveries.ts';
import type { Session } from './session.ts';
import type { OpenTurnLog, TurnLog } from './turn-log.ts';
import type { TurnPorts } from './turn-ports.ts';

/** What is to be done in a turn: the rules to evaluate if they have windows due, and whether to look for what others left behind. */
export interface TurnInput {
  readonly now: Instant;
  readonly due: readonly Rule[];
  /** Search for outbox entries and due alert groups that this process does not know of. */
  readonly sweep: boolean;
  /**
   * Called with each part of `due` once it is evaluated, saved and enqueued: it may be evaluated again, though messages about it are still on their
   * way to a receiver that takes its time.
   */
  readonly evaluated?: (part: EvaluatedPart) => void;
  /** Called once all that is due was begun; what follows only waits for receivers. `nextWake` as in the log. */
  readonly begun?: (nextWake: Instant | undefined) => void;
}

/** Rules of a turn that are done with, and what came of them. */
export interface EvaluatedPart extends Pick<TurnLog, 'now' | 'runs' | 'saved' | 'unsaved' | 'invalid' | 'storeProblems'> {
  readonly rules: readonly Rule[];
}

/** What `readSuppression` finds out. */
type Learned = { -readonly [K in 'suppression' | 'ended']: NotifyContext[K] };

/** What each stage of a turn works with. */
export interface TurnContext extends TurnInput {
  /** Behind walls: what one of them throws over one document or one question is noted in the log, and costs no other its answer. */
  readonly ports: TurnPorts;
  readonly session: Session;
  /** What the steps of a notification work with; `readSuppression` finds out what is suppressed. */
  readonly notify: Omit<NotifyContext, 'suppression' | 'ended'> & Learned;
  readonly deliveries: Deliveries;
  readonly log: OpenTurnLog;
  /** Aborts what the turn waits for. */
  readonly signal: AbortSignal;
}

/** A turn that only evaluates leaves what is due to the next one that wakes for it: its rules must not wait for the receivers of others. */
export function looksForDue({ due, sweep }: Pick<TurnInput, 'due' | 'sweep'>): boolean {
  return sweep || due.length === 0;
}
