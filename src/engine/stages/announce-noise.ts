import { asError } from '../../core/errors.ts';
import { own } from '../../core/record.ts';
import { newestTick } from '../../core/schedule.ts';
import { DAY, type Duration, MINUTE } from '../../core/time.ts';
import { NOISE_RULE_ID, noiseReport } from '../../messages/noise-texts.ts';
import { alertGroupId } from '../../notify/alert-group-id.ts';
import { loadAlertGroups } from '../../notify/alert-group-session.ts';
import type { Target } from '../../routing/route.ts';
import { route } from '../../routing/routing.ts';
import { enqueueOutboxes } from '../enqueue-outboxes.ts';
import { noiseOfWeeks } from '../history/noise.ts';
import { NOISE_GROUP, noiseOutbox } from '../noise-news.ts';
import type { TurnContext } from '../turn-context.ts';
import type { TurnPorts } from '../turn-ports.ts';

/** A report that was missed is sent within this time, ms; later, the next one is. */
const SENT_WITHIN: Duration = DAY;
/** What fails is tried again after this time, ms: a report reads two weeks of history. */
const TRIED_EVERY: Duration = MINUTE;

/**
 * Sends the noise report that is due, as an event to its receiver. Its number is its time: the alert group takes each once, whichever replicas
 * make it and however often they are restarted, and retries it like any other message.
 */
export async function announceNoise(context: TurnContext): Promise<void> {
  const { sweep, now, ports, session, notify, deliveries, log } = context;
  const { noise } = ports;
  if (!sweep || noise === undefined || notify.suppression === undefined) return;
  const at = newestTick(noise.schedule, now);
  if (at === undefined || now - at >= SENT_WITHIN || session.noise.done === at) return;
  if (now - session.noise.triedAt < TRIED_EVERY && now >= session.noise.triedAt) return;
  session.noise.triedAt = now;
  try {
    const targets = targetsOf(noise.receiver, ports);
    const ids = targets.map((target) => alertGroupId(ports.namespace, target));
    const known = await loadAlertGroups(ids, notify.ports);
    if (!known.ok) return log.storeProblem(`the alert group of the noise report could not be read: ${known.message}`);
    const due = noiseOutbox({ at, window: { from: at, to: at }, report: '' }, targets).outbox;
    const isTaken = (id: string) => {
      const taken = own(known.value.get(id)?.document.taken ?? {}, NOISE_RULE_ID) ?? 0;
      return due.every(({ n }) => n <= taken);
    };
    if (ids.every(isTaken)) {
      session.noise.done = at;
      return;
    }
    const weeks = await noiseOfWeeks(noise.history, at);
    if (!weeks.ok) return log.storeProblem(`the noise report could not be created: ${weeks.message}`);
    const { range: window } = weeks.value;
    const report = noiseReport(weeks.value, zoneOf(noise));
    if (await enqueueOutboxes([noiseOutbox({ at, window, report }, targets)], context)) session.noise.done = at;
    deliveries.claimAndSend(ids);
  } catch (thrown) {
    log.errors.note('engine', 'noise report', 'creating the noise report', asError(thrown));
  }
}

function zoneOf({ schedule }: NonNullable<TurnPorts['noise']>): string {
  return schedule.kind === 'cron' ? schedule.timezone : 'UTC';
}

/** Reports share no message with alerts. */
function targetsOf(receiver: string, { routing }: TurnPorts): readonly Target[] {
  return route({}, routing, [receiver]).map((target) => ({ ...target, group_labels: NOISE_GROUP }));
}
