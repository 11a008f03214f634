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

/** One step of a turn: it works with the context alone and notes in the log what it did. It throws nothing that concerns one rule or one alert group. */
type Stage = (context: TurnContext) => Promise<void>;

/** The stages of a turn, in their order. Sends that a stage begins go on beside the next ones, up to `awaitDeliveries`. */
const STAGES: readonly Stage[] = [
  // First, since whatever is enqueued may be claimed in the same write, and a claim decides what is suppressed.
  readSuppression,
  readAcknowledgements,
  // Each batch goes on to its receivers by itself: no message waits for the slow index of another rule.
  evaluateDueRules,
  // After the evaluations of this turn, which have then passed on what they know: what is left is of others, or of a turn that ended in between.
  sweepOutboxes,
  // Before health is evaluated, whose alerts say what was invalid; after enqueuing, which meets invalid alert groups itself.
  findInvalidAlertGroups,
  replaceInvalidAlertGroups,
  // Before what is due is claimed, so that a health alert of this turn is among it.
  monitorEvaluations,
  // Before what is due, and after what was evaluated: what still fires now.
  announceSilenceEnds,
  resumeReminders,
  // Before what is due: an alert group is taken once a turn, and here it is tried whatever its intervals say.
  retryFailed,
  notifyDue,
  // From here on the turn only waits for receivers.
  announceBegun,
  awaitDeliveries,
  notifyHandedOver,
  // What became of the messages is known only now; a receiver that fails is notified of elsewhere within the same turn.
  replaceInvalidAlertGroups,
  monitorDeliveries,
  // Reads two weeks once a week: nothing that is due waits for it.
  announceNoise,
  awaitDeliveries,
  // Last, when all attempts of the turn and all that is invalid are known.
  recordNotifications,
  noteDocumentsAside,
];

/**
 * One pass of the engine: the one entry of run, test, dry-run and demo. Turns of one process may overlap as long as no rule is being evaluated in two
 * of them.
 */
export async function turn(context: TurnContext): Promise<TurnLog> {
  for (const stage of STAGES) await stage(context);
  const { log, now } = context;
  return log.closed(log.isBehind ? now : nextWake(context));
}
