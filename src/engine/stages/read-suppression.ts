import type { Duration } from '../../core/time.ts';
import { ACKNOWLEDGED_FOR } from '../../notify/acknowledgements.ts';
import { ANNOUNCED_WITHIN, endedLately } from '../../notify/silence-ends.ts';
import { suppressionNow } from '../suppression-now.ts';
import type { TurnContext } from '../turn-context.ts';
import { readWhatFires } from '../what-fires.ts';

/**
 * Finds out what is suppressed: by the silences as they are, or as this process last read them, of rules that are paused, and by alerts that fire.
 * While the silences were never read, nothing new is claimed; while it is not known what fires, nothing is inhibited.
 */
export async function readSuppression({ now, ports, session, notify, log }: TurnContext): Promise<void> {
  const read = await ports.silences.list(now - ANNOUNCED_WITHIN);
  if (read.ok) {
    session.silences = read.value;
    log.silencesRead(read.unreadable ?? new Map());
  } else log.storeProblem(`the silences could not be read: ${read.message}`);
  const problem = await readWhatFires(now, ports);
  if (problem !== undefined)
    log.storeProblem(`the firing alerts could not be read; if this lasts, alerts are no longer inhibited: ${problem}`);
  notify.ended = endedLately(session.silences ?? [], now);
  notify.suppression = suppressionNow(now, ports);
}

/** How old what is known of acknowledgements may be, ms: each read is a search. */
const FRESH: Duration = 5_000;

/** Finds out who works on which alert. Old knowledge, or none, sends a reminder too many. */
export async function readAcknowledgements({ now, ports, session, log }: TurnContext): Promise<void> {
  const readAt = session.acknowledgedReadAt;
  if (readAt !== undefined && readAt <= now && now - readAt < FRESH) return;
  const read = await ports.acknowledgements.list(now - ACKNOWLEDGED_FOR);
  if (!read.ok) {
    log.storeProblem(`the acknowledgements could not be read: ${read.message}`);
    return;
  }
  session.acknowledgedReadAt = now;
  for (const { alert, expired_at } of read.value) {
    const before = session.acknowledged.get(alert);
    if (expired_at !== undefined && before !== undefined && before.expired_at === undefined) session.takenBack.add(alert);
  }
  session.acknowledged = new Map(read.value.map((one) => [one.alert, one]));
  const invalid = [...(read.unreadable ?? [])].map(([id, problem]) => ({ kind: 'acknowledgement', id, problem }) as const);
  log.documentsInvalid(invalid);
}
