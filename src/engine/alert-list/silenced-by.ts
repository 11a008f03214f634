import { shortId } from '../../core/ids.ts';
import { iso } from '../../core/time.ts';
import type { Silence, Silences } from '../../notify/silences.ts';
import { silencedAt, silenceOf } from '../../notify/suppression.ts';
import type { ReportedAlert } from './alert-list.ts';

/**
 * The alerts, those that are silenced with author, end and reason in the note: what a silence holds back, and what was notified before the
 * silence began. A list of alerts is not given up for silences that cannot be read: then a note is the silence's ID alone, or is missing.
 */
export async function withSilences(
  alerts: readonly ReportedAlert[],
  { silences }: { readonly silences?: Pick<Silences, 'list'> },
  now: number,
): Promise<readonly ReportedAlert[]> {
  if (silences === undefined || !alerts.some(({ notified }) => notified.some((one) => isHeld(one) || wasNotified(one))))
    return alerts;
  const read = await silences.list(now);
  if (!read.ok) return alerts;
  const silencedBy = silencedAt(read.value, now);
  return alerts.map((alert) => ({
    ...alert,
    notified: alert.notified.map((one) => {
      const why = isHeld(one) ? one.note : wasNotified(one) ? silencedBy(alert.labels, alert.rule) : undefined;
      const silence = why === undefined ? undefined : silenceOf(why, read.value);
      return silence === undefined ? one : { ...one, note: noteOf(silence) };
    }),
  }));
}

function isHeld({ state }: ReportedAlert['notified'][number]): boolean {
  return state === 'held';
}

function wasNotified({ state }: ReportedAlert['notified'][number]): boolean {
  return state === 'notified';
}

function noteOf({ id, created_by: author, ends_at, comment }: Silence): string {
  return `silence ${shortId(id)} by ${author} until ${iso(ends_at).slice(0, 16)}Z: ${comment}`;
}
