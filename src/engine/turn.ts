import { nextWake } from './next-wake.ts';
import { announceNoise } from './stages/announce-noise.ts';
import { announceSilenceEnds } from './stages/announce-silence-ends.ts';
import {
  announceBegun,
  awaitDeliveries,
  notifyDue,
  notifyHandedOver,
  recordNotifications,
  retryFailed,
  sweepOutboxes,
} from './stages/deliver.ts';
import { evaluateDueRules } from './stages/evaluate-due-rules.ts';
import { findInvalidAlertGroups, replaceInvalidAlertGroups } from './stages/invalid-alert-groups.ts';
import { monitorDeliveries, monitorEvaluations, noteDocumentsAside } from './stages/monitor.ts';
import { readAcknowledgements, readSuppression } from './stages/read-suppression.ts';
import { resumeReminders } from './stages/resume-reminders.ts';
import type { TurnContext } from './turn-context.ts';
import type { TurnLog } from './turn-log.ts';

/** One step of a turn. It uses only the context and records what it did in the log. Errors that affect one rule or one alert group are not thrown. */
type Stage = (context: TurnContext) => Promise<void>;

/** The stages of a turn, in order. Sends that a stage starts run in parallel with later stages, until `awaitDeliveries`. */
const STAGES: readonly Stage[] = [
  // First, since whatever is enqueued may be claimed in the same write, and a claim decides what is suppressed.
  readSuppression,
  readAcknowledgements,
  // Each batch is notified separately: no message waits for the slow index of another rule.
  evaluateDueRules,
  // After the evaluations of this turn, whose outboxes are enqueued by then: what is left is from other replicas, or from a turn that was interrupted.
  sweepOutboxes,
  // Before health is evaluated, which reports invalid documents; after enqueuing, which finds invalid alert groups itself.
  findInvalidAlertGroups,
  replaceInvalidAlertGroups,
  // Before due messages are claimed, so that they include the health alerts of this turn.
  monitorEvaluations,
  // After evaluating, so that it is known what still fires, and before due messages are claimed.
  announceSilenceEnds,
  resumeReminders,
  // Before due messages: an alert group is claimed once a turn, and here regardless of its intervals.
  retryFailed,
  notifyDue,
  // From here on the turn only waits for receivers.
  announceBegun,
  awaitDeliveries,
  notifyHandedOver,
  // The outcome of the messages is known only now; a failing receiver is reported elsewhere within the same turn.
  replaceInvalidAlertGroups,
  monitorDeliveries,
  // Reads two weeks of history once a week: no due message waits for it.
  announceNoise,
  awaitDeliveries,
  // Last, when all attempts and all invalid documents of the turn are known.
  recordNotifications,
  noteDocumentsAside,
];

/**
 * One pass of the engine: the only entry point of run, test, dry-run and demo. Turns of one process may overlap as long as no rule is being evaluated in two
 * of them.
 */
export async function turn(context: TurnContext): Promise<TurnLog> {
  for (const stage of STAGES) await stage(context);
  const { log, now } = context;
  return log.closed(log.isBehind ? now : nextWake(context));
}
