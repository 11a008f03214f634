import type { Instant } from '../core/time.ts';
import type { NotifyContext } from '../notify/notify-context.ts';
import type { Rule } from '../rules/rule.ts';
import type { Deliveries } from './deliveries.ts';
import type { Session } from './session.ts';
import type { OpenTurnLog, TurnLog } from './turn-log.ts';
import type { TurnPorts } from './turn-ports.ts';

/** The work of a turn: the rules to evaluate if they have windows due, and whether to search for work that others left. */
export interface TurnInput {
  readonly now: Instant;
  readonly due: readonly Rule[];
  /** Search for outbox entries and due alert groups that this process does not know about. */
  readonly sweep: boolean;
  /**
   * Called with each part of `due` once it is evaluated, saved and enqueued: it may be evaluated again, although messages about it are still on their
   * way to a slow receiver.
   */
  readonly evaluated?: (part: EvaluatedPart) => void;
  /** Called once all due work has started; the rest of the turn only waits for receivers. `nextWake` as in the log. */
  readonly begun?: (nextWake: Instant | undefined) => void;
}

/** Finished rules of a turn, and their results. */
export interface EvaluatedPart extends Pick<TurnLog, 'now' | 'runs' | 'saved' | 'unsaved' | 'invalid' | 'storeProblems'> {
  readonly rules: readonly Rule[];
}

/** The result of `readSuppression`. */
type Learned = { -readonly [K in 'suppression' | 'ended']: NotifyContext[K] };

/** The context of each stage of a turn. */
export interface TurnContext extends TurnInput {
  /** Isolated: an exception about one document or one query is recorded in the log and affects no other. */
  readonly ports: TurnPorts;
  readonly session: Session;
  /** The context of the steps of a notification; `readSuppression` determines what is suppressed. */
  readonly notify: Omit<NotifyContext, 'suppression' | 'ended'> & Learned;
  readonly deliveries: Deliveries;
  readonly log: OpenTurnLog;
  /** Aborts everything that the turn waits for. */
  readonly signal: AbortSignal;
}

/** A turn that only evaluates leaves due messages to the next turn, so that its rules do not wait for the receivers of others. */
export function looksForDue({ due, sweep }: Pick<TurnInput, 'due' | 'sweep'>): boolean {
  return sweep || due.length === 0;
}
