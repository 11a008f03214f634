import { isEnd } from '../alerts/entry.ts';
import { own } from '../core/record.ts';
import { type Duration, HOUR, type Instant, MINUTE } from '../core/time.ts';
import { matchesAll } from '../routing/matches.ts';
import type { AlertGroupDocument, Facts } from './alert-group.ts';
import type { KnownSilence } from './silences.ts';

/** A silence that has just ended. */
export type EndedSilence = KnownSilence;

/** How long after its end a silence is announced, ms: a replica that was away for longer says nothing of it. */
export const ANNOUNCED_WITHIN: Duration = 30 * MINUTE;
/** How long an alert group remembers what it announced, ms: longer than any replica may come back to it. */
const REMEMBERED: Duration = 2 * HOUR;
/** The announcement waits for `group_interval`, but not for longer than this, ms. */
const LONGEST_WAIT: Duration = 10 * MINUTE;

/** What is announced with a message: silences by their id and end. */
export type AnnouncedEnds = NonNullable<Facts['silence_ended']>;

/** The silences among these that ended a moment ago. One that never began has suppressed nothing. */
export function endedLately(silences: readonly KnownSilence[], now: Instant): readonly EndedSilence[] {
  return silences.filter(
    ({ starts_at, ends_at }) => ends_at <= now && ends_at > now - ANNOUNCED_WITHIN && ends_at - starts_at > 1,
  );
}

/** Under which name an alert group remembers that the end of a silence was announced: one of a file ends again and again. */
export function endKey({ id, ends_at }: AnnouncedEnds[number]): string {
  return `${id}@${ends_at}`;
}

/**
 * The ends that this alert group has not announced yet although something that the silence matched still fires, and nothing else suppresses it.
 * `among`: of these alerts alone; absent: also of those whose news still waits.
 */
export function endsToAnnounce(
  document: AlertGroupDocument,
  ended: readonly EndedSilence[],
  suppressedBy: ReadonlyMap<string, string>,
  among?: Readonly<Record<string, unknown>>,
): AnnouncedEnds {
  if (ended.length === 0) return [];
  const open = ended.filter((silence) => own(document.announced ?? {}, endKey(silence)) === undefined);
  if (open.length === 0) return [];
  const waiting = [...document.failed, ...document.queued];
  const over = new Set(waiting.filter(isEnd).map(({ alert }) => alert));
  const firing = [
    ...Object.entries(document.alerts).map(([alert, { since, labels }]) => ({ alert, since, labels })),
    ...waiting.map(({ alert, started, labels }) => ({ alert, since: started, labels })),
  ].filter(
    ({ alert }) => !over.has(alert) && !suppressedBy.has(alert) && (among === undefined || own(among, alert) !== undefined),
  );
  return open
    .filter(({ matchers, ends_at }) => firing.some(({ since, labels }) => since < ends_at && matchesAll(matchers, labels)))
    .map(({ id, ends_at }) => ({ id, ends_at }));
}

/** When ends are announced that no other message announces: soon, and not sooner after the last message than others. */
export function announcementDue(ends: AnnouncedEnds, regular: Instant): Instant | undefined {
  const times = ends.map(({ ends_at }) => Math.max(ends_at, Math.min(regular, ends_at + LONGEST_WAIT)));
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The alert group with these ends announced; what was announced long ago is forgotten. */
export function withAnnounced(document: AlertGroupDocument, ends: AnnouncedEnds, now: Instant): AlertGroupDocument {
  if (ends.length === 0) return document;
  const recent = Object.entries(document.announced ?? {}).filter(([, at]) => now - at < REMEMBERED);
  return { ...document, announced: Object.fromEntries([...recent, ...ends.map((end) => [endKey(end), now] as const)]) };
}

/** The alert group of which a message has failed: what it announced is announced with the next one. */
export function withoutAnnounced(document: AlertGroupDocument, ends: AnnouncedEnds): AlertGroupDocument {
  if (ends.length === 0 || document.announced === undefined) return document;
  const failed = new Set(ends.map(endKey));
  return { ...document, announced: Object.fromEntries(Object.entries(document.announced).filter(([key]) => !failed.has(key))) };
}
