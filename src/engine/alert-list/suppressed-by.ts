import { countsAsFiring } from '../../alerts/alert-state.ts';
import { shortId } from '../../core/ids.ts';
import { minuteText } from '../../core/time.ts';
import { type Inhibition, inhibitionText } from '../../notify/inhibition.ts';
import type { Silence, Silences } from '../../notify/silences.ts';
import { silencedAt, silenceOf, suppressionKind } from '../../notify/suppression.ts';
import type { AlertNotification, ReportedAlert } from './alert-list.ts';

/** What suppression is read from; without silences, or where they cannot be read, a note is the silence's ID alone, or is missing. */
export interface SuppressionSources {
  readonly silences?: Pick<Silences, 'list'>;
  /** What inhibits an alert, by its id. */
  readonly inhibitions: ReadonlyMap<string, Inhibition>;
}

/**
 * The alerts, those that are suppressed with what suppresses them: a silence with author, end and reason, or the alert that inhibits. What is held back
 * says so, and so does what was notified before. A list of alerts is not given up for silences that cannot be read.
 */
export async function withSuppression(
  alerts: readonly ReportedAlert[],
  { silences, inhibitions }: SuppressionSources,
  now: number,
): Promise<readonly ReportedAlert[]> {
  const read = alerts.length === 0 ? undefined : await silences?.list(now);
  const known = read?.ok === true ? read.value : [];
  const silencedBy = silencedAt(known, now);
  return alerts.map((alert) => {
    if (!countsAsFiring(alert.status))
      return { ...alert, notified: alert.notified.map((one) => withSilence(one, one.note, known)) };
    const silence = silencedBy({ rule: alert.rule, labels: alert.labels });
    const inhibition = inhibitions.get(alert.id);
    const why = silence ?? (inhibition && inhibitionText(inhibition));
    const notified = alert.notified.map((one) =>
      one.state === 'held' ? withSilence(one, one.note, known) : one.state === 'notified' ? withSilence(one, why, known) : one,
    );
    const held = alert.notified.find((one) => one.state === 'held')?.note;
    const by = why ?? (held !== undefined && suppressionKind(held) === 'pause' ? held : undefined);
    const suppressedBy = alert.heldUntil !== undefined ? 'outage' : by === undefined ? undefined : suppressionKind(by);
    return {
      ...alert,
      notified,
      ...(suppressedBy !== undefined && { suppressedBy }),
      ...(inhibition !== undefined && { inhibitedBy: inhibition.source.id }),
    };
  });
}

function withSilence(one: AlertNotification, why: string | undefined, silences: readonly Silence[]): AlertNotification {
  if (why === undefined || (one.state !== 'held' && one.state !== 'notified')) return one;
  const silence = silenceOf(why, silences);
  return { ...one, note: silence === undefined ? why : silenceNote(silence) };
}

/** A silence in one line, for people. */
export function silenceNote({ id, created_by: author, ends_at, comment }: Silence): string {
  return `silence ${shortId(id)} by ${author} until ${minuteText(ends_at)}: ${comment}`;
}
