import type { Duration } from '../../core/time.ts';
import { ACKNOWLEDGED_FOR } from '../../notify/acknowledgements.ts';
import { type Suppression, silencedAt } from '../../notify/suppression.ts';
import type { TurnContext } from '../turn-context.ts';
import type { TurnPorts } from '../turn-ports.ts';

/**
 * Finds out what is suppressed: by the silences as they are, or as this process last read them, and of rules that are paused. While the silences
 * were never read, nothing new is claimed.
 */
export async function readSuppression({ now, ports, session, notify, log }: TurnContext): Promise<void> {
  const read = await ports.silences.list(now);
  if (read.ok) {
    session.silences = read.value;
    log.silencesRead(read.unreadable ?? new Map());
  } else log.storeProblem(`the silences could not be read: ${read.message}`);
  notify.suppression = session.silences && withPaused(silencedAt(session.silences, now), ports);
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
  session.acknowledged = new Map(read.value.map((one) => [one.alert, one]));
  const invalid = [...(read.unreadable ?? [])].map(([id, problem]) => ({ kind: 'acknowledgement', id, problem }) as const);
  log.documentsInvalid(invalid);
}

/** Nothing is notified of a paused rule; what is outstanding waits until it is not paused any more, or is gone. */
function withPaused(silenced: Suppression, { rules }: Pick<TurnPorts, 'rules'>): Suppression {
  const paused = new Set([...rules.values()].filter((rule) => !rule.enabled).map((rule) => rule.name));
  if (paused.size === 0) return silenced;
  return (labels, rule) => (paused.has(labels['alertname'] ?? '') ? 'the rule is paused' : silenced(labels, rule));
}
