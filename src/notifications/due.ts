import type { RuleId } from '../core/ids.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { ConversationDocument, ToldAlert } from './conversation.ts';
import { isEnd } from './suppression.ts';

/** How a route spaces its notifications, ms. */
export interface Timing {
  readonly groupWait: Duration;
  readonly groupInterval: Duration;
  readonly repeatInterval: Duration;
}

/** What decides when a conversation speaks: its route's timing and the rules' own `repeat_interval`. */
export interface DueContext {
  readonly timing: Timing;
  readonly repeatOf: (rule: RuleId) => Duration | undefined;
  readonly held: ReadonlyMap<string, string>;
}

/** How long a held-back entry waits at most for the next look: silences end without a word. */
const NEXT_LOOK = 60_000;
/** How far ahead the clock of another replica may be, ms. */
const CLOCKS_APART = 60_000;

/** When something must be done next for a conversation at `now`; null: nothing until an entry arrives. */
export function dueOf(document: ConversationDocument, now: Instant, context: DueContext): Instant | null {
  const { sending } = document;
  if (sending !== null) return Math.max(sending.until ?? 0, sending.retry_at ?? 0);
  const times = [newsDue(document, now, context), reminderDue(document, now, context), lookDue(document, now, context)];
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? null : Math.min(...known);
}

/** When the untold entries that are not held back are due; undefined when there are none. */
export function newsDue(document: ConversationDocument, now: Instant, { timing, held }: DueContext): Instant | undefined {
  const handed = document.untold.filter((entry) => !held.has(entry.alert)).map((entry) => believed(entry.handed_at, now));
  if (handed.length === 0) return undefined;
  const first = Math.min(...handed);
  if (Object.keys(document.alerts).length === 0) return first + timing.groupWait;
  return Math.max(first, believed(document.told_at, now) + timing.groupInterval);
}

/** A time that lies ahead was written by a clock that was wrong: as long ago as can be, or nobody would hear a word until it comes. */
function believed(time: Instant | null, now: Instant): Instant {
  return time === null || time - now > CLOCKS_APART ? 0 : time;
}

/** When a reminder is due; undefined when nothing that may be reminded of is firing. */
export function reminderDue(document: ConversationDocument, now: Instant, context: DueContext): Instant | undefined {
  const reminded = Object.values(remindable(document, context.held));
  if (reminded.length === 0) return undefined;
  const intervals = reminded.map((told) => context.repeatOf(told.rule) ?? context.timing.repeatInterval);
  return believed(document.told_at, now) + Math.min(...intervals);
}

/** Alerts told and firing that a message may call "still firing": not suppressed, nothing untold, no end waiting in `refused`. */
export function remindable(
  document: ConversationDocument,
  held: ReadonlyMap<string, string>,
): Readonly<Record<string, ToldAlert>> {
  const waiting = new Set(document.untold.map((entry) => entry.alert));
  const ended = new Set(document.refused.filter(isEnd).map((entry) => entry.alert));
  return Object.fromEntries(
    Object.entries(document.alerts).filter(([id]) => !held.has(id) && !waiting.has(id) && !ended.has(id)),
  );
}

function lookDue(document: ConversationDocument, now: Instant, { held }: DueContext): Instant | undefined {
  const waiting = document.untold.filter((entry) => held.has(entry.alert));
  const entries = new Set(waiting.map(({ alert }) => alert));
  const told = Object.keys(document.alerts).some((id) => held.has(id) && !entries.has(id));
  if (waiting.length === 0 && !told) return undefined;
  // The end of a silence comes unannounced; that of an entry's own time does not.
  const unannounced = now + NEXT_LOOK;
  const looks = waiting.map(({ hold }) => (hold !== undefined && hold.until > now ? hold.until : unannounced));
  return looks.reduce((next, look) => Math.min(next, look), told ? unannounced : Number.POSITIVE_INFINITY);
}
