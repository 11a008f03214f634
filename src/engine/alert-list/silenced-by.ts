import { shortId } from '../../core/ids.ts';
import { iso } from '../../core/time.ts';
import type { Silence, Silences } from '../../notify/silences.ts';
import { silenceOf } from '../../notify/suppression.ts';
import type { ReportedAlert } from './alert-list.ts';

/**
 * The alerts, those that a silence holds back with its author, end and reason in the note. A list of alerts is not given up for silences that
 * cannot be read: then the note is the silence's ID alone.
 */
export async function withSilences(
  alerts: readonly ReportedAlert[],
  { silences }: { readonly silences?: Pick<Silences, 'list'> },
  now: number,
): Promise<readonly ReportedAlert[]> {
  if (silences === undefined || !alerts.some(({ notified }) => notified.some(isHeld))) return alerts;
  const read = await silences.list(now);
  if (!read.ok) return alerts;
  return alerts.map((alert) => ({
    ...alert,
    notified: alert.notified.map((one) => {
      const silence = isHeld(one) ? silenceOf(one.note ?? '', read.value) : undefined;
      return silence === undefined ? one : { ...one, note: noteOf(silence) };
    }),
  }));
}

function isHeld({ state }: ReportedAlert['notified'][number]): boolean {
  return state === 'held';
}

function noteOf({ id, created_by: author, ends_at, comment }: Silence): string {
  return `silence ${shortId(id)} by ${author} until ${iso(ends_at).slice(0, 16)}Z: ${comment}`;
}
