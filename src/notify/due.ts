import { isEnd } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import { nextTick, type Schedule } from '../core/schedule.ts';
import { DAY, type Duration, earliest, HOUR, type Instant, MINUTE } from '../core/time.ts';
import type { RepeatGrowth } from '../routing/route.ts';
import { type AcknowledgedAlerts, isAcknowledged } from './acknowledgements.ts';
import type { AlertGroupDocument, InflightMessage, NotifiedAlert, QueuedEntry } from './alert-group.ts';
import { type EscalationPlan, escalationDue } from './escalate.ts';
import { nextRemainder } from './remainders.ts';
import { announcementDue, type EndedSilence, endsToAnnounce } from './silence-ends.ts';

/** How a route spaces its notifications, ms. */
export interface Timing {
  readonly groupWait: Duration;
  readonly groupInterval: Duration;
  readonly repeatInterval: Duration;
  readonly repeatGrowth?: RepeatGrowth;
  readonly schedule?: Schedule | 'off';
  readonly sendResolved?: boolean;
}

/** What a rule says of the times of its messages itself; what is absent is the route's. */
export interface RuleIntervals {
  readonly groupWait?: Duration;
  readonly groupInterval?: Duration;
  readonly repeatInterval?: Duration;
  readonly repeatGrowth?: RepeatGrowth;
}

/**
 * Why what failed is tried at once. `fresh`: its destination's configuration has changed, or the service has started, so the intervals begin to grow
 * from the beginning; `early`: its receiver has taken another message, and the intervals stay as they are.
 */
export type RetryMode = 'fresh' | 'early';

/** What decides when an alert group speaks: its route's timing and what the rules say themselves. */
export interface DueContext {
  readonly timing: Timing;
  readonly timingOf: (rule: RuleId) => RuleIntervals;
  readonly suppressedBy: ReadonlyMap<string, string>;
  /** How alerts of a rule escalate here. */
  readonly escalationOf: (rule: RuleId) => EscalationPlan;
  /** Who works on which alert: of these no one is reminded. */
  readonly acknowledged: AcknowledgedAlerts;
  /** When to look again at what is muted by time intervals; undefined: alerts of this rule are not. */
  readonly mutedUntil: (rule: RuleId) => Instant | undefined;
  /** Silences that have just ended. */
  readonly ended?: readonly EndedSilence[] | undefined;
  /** How long a replica may hold a message, ms. */
  readonly lease: Duration;
  /** What failed is tried again at once. */
  readonly again?: RetryMode | undefined;
}

/** How long a held-back entry waits at most for the next look: silences end without a notification. */
const NEXT_LOOK = MINUTE;
/** Waits after the first failures in a row, ms; later ones wait for the longest interval. */
const RETRY_AFTER: readonly Duration[] = [MINUTE, 5 * MINUTE, 15 * MINUTE];
/** The longest wait between attempts is the repeat interval, and no shorter than this, ms. */
const LONGEST_AT_LEAST: Duration = HOUR;
/** The longest that a receiver may ask to wait, ms. */
const LONGEST_WAIT: Duration = DAY;
/** How far ahead the clock of another replica may be, ms. */
const CLOCKS_APART = MINUTE;

/** When something must be done next for an alert group at `now`; null: nothing until an entry arrives. */
export function dueOf(document: AlertGroupDocument, now: Instant, context: DueContext): Instant | null {
  const { inflight } = document;
  // Whatever happens to a message, alerts escalate, and the copies for additional receivers leave.
  const others = [escalationDue(document, context), (document.leaving?.entries.length ?? 0) > 0 ? now : undefined];
  if (inflight !== null) return earliest([freeFrom(inflight, now, context.lease), ...others]) ?? null;
  const times = [
    ...others,
    queuedDue(document, now, context),
    retryDue(document, now, context),
    reminderDue(document, now, context),
    endsDue(document, now, context),
    remainderDue(document, now),
    lookDue(document, now, context),
    acknowledgedLook(document, now, context),
  ];
  return earliest(times) ?? null;
}

/** When the queued entries that are not held back are due; undefined when there are none. */
export function queuedDue(
  document: AlertGroupDocument,
  now: Instant,
  { timing, timingOf, suppressedBy }: DueContext,
): Instant | undefined {
  const waiting = document.queued.filter((entry) => !suppressedBy.has(entry.alert));
  if (waiting.length === 0) return undefined;
  // What escalates has waited for its time already.
  const escalating = waiting.filter(isEscalating);
  if (escalating.length > 0) return Math.min(...escalating.map((entry) => believed(entry.queued_at, now)));
  const isFirst = Object.keys(document.alerts).length === 0;
  const notifiedAt = believed(document.notified_at, now);
  const times = waiting.map(({ queued_at, rule }) => {
    const queuedAt = believed(queued_at, now);
    const own = timingOf(rule);
    if (isFirst) return queuedAt + (own.groupWait ?? timing.groupWait);
    return Math.max(queuedAt, notifiedAt + (own.groupInterval ?? timing.groupInterval));
  });
  return scheduled(Math.min(...times), timing);
}

/** The first time of the route's schedule at or after a time; the time itself without a schedule. */
function scheduled(time: Instant, { schedule = 'off' }: Timing): Instant {
  return schedule === 'off' ? time : (nextTick(schedule, time - 1) ?? time);
}

function isEscalating({ escalated, kind }: QueuedEntry): boolean {
  return escalated !== undefined && kind === 'firing';
}

/** When what failed is tried again; undefined when nothing that failed may be sent. */
export function retryDue(document: AlertGroupDocument, now: Instant, context: DueContext): Instant | undefined {
  return document.failed.some((entry) => !context.suppressedBy.has(entry.alert))
    ? nextAttempt(document, now, context)
    : undefined;
}

/** Growing intervals: a receiver that fails for days is not asked every minute, and one that works again is not left out for hours. */
function nextAttempt(document: AlertGroupDocument, now: Instant, context: DueContext): Instant {
  const { retry, dead, failed, alerts } = document;
  const failedAt = believed(retry?.failed_at ?? dead?.last_at ?? null, now);
  if (context.again !== undefined) return failedAt;
  const rules = new Set([...failed, ...Object.values(alerts)].map(({ rule }) => rule));
  const repeats = [...rules].map((rule) => context.timingOf(rule).repeatInterval ?? context.timing.repeatInterval);
  const longest = Math.max(LONGEST_AT_LEAST, Math.min(...repeats));
  const grown = RETRY_AFTER[(retry?.attempts ?? 1) - 1] ?? (retry?.attempts === 0 ? 0 : longest);
  return failedAt + grown;
}

/** A time that lies farther ahead than `most` was written by a clock that was wrong: as long ago as can be, or nothing would be sent until it comes. */
function believed(time: Instant | null, now: Instant, most: Duration = 0): Instant {
  return time === null || time - now > most + CLOCKS_APART ? 0 : time;
}

/** When any replica may take a message in flight over: its lease and its wait have ended, or were set by a clock that was ahead. */
export function freeFrom(
  { until, retry_at }: Pick<InflightMessage, 'until' | 'retry_at'>,
  now: Instant,
  lease: Duration,
): Instant {
  return Math.max(believed(until, now, lease), believed(retry_at, now, LONGEST_WAIT));
}

/** When the recipients that a message has not reached are tried again. */
export function remainderDue({ remainders }: Pick<AlertGroupDocument, 'remainders'>, now: Instant): Instant | undefined {
  const next = nextRemainder(remainders);
  return next === undefined ? undefined : believed(next.retry_at, now, LONGEST_WAIT);
}

/** When a reminder is due; undefined when nothing that may be reminded of is firing. */
export function reminderDue(document: AlertGroupDocument, now: Instant, context: DueContext): Instant | undefined {
  const firing = Object.entries(remindable(document, context.suppressedBy));
  const reminded = firing.flatMap(([id, notified]) => (isAcknowledged(context.acknowledged.get(id), notified) ? [] : [notified]));
  if (reminded.length === 0) return undefined;
  const intervals = reminded.map(({ rule }) => repeatAfter(context.timingOf(rule), context.timing, document.reminders ?? 0));
  const regular = scheduled(believed(document.notified_at, now) + Math.min(...intervals), context.timing);
  // After a failure the next attempt is not earlier for a reminder.
  return document.retry === undefined ? regular : Math.max(regular, nextAttempt(document, now, context));
}

/** When the end of a silence is announced to those who were notified before it; undefined when there is nothing to announce. */
export function endsDue(document: AlertGroupDocument, now: Instant, context: DueContext): Instant | undefined {
  const { ended = [], suppressedBy, timing } = context;
  if (ended.length === 0) return undefined;
  const regular = believed(document.notified_at, now) + timing.groupInterval;
  // Alerts whose news waits are not in that message: theirs says it.
  const due = announcementDue(endsToAnnounce(document, ended, suppressedBy, remindable(document, suppressedBy)), regular);
  // After a failure the next attempt is not earlier for an announcement.
  return due === undefined || document.retry === undefined ? due : Math.max(due, nextAttempt(document, now, context));
}

/** The time until the next reminder, after so many in a row: the rule's, else the route's. */
function repeatAfter(own: RuleIntervals, route: Timing, reminders: number): Duration {
  const { repeatInterval: first, repeatGrowth: growth } = own.repeatInterval === undefined ? route : own;
  const interval = first ?? route.repeatInterval;
  return growth === undefined
    ? interval
    : Math.max(interval, Math.min(growth.max, interval * growth.factor ** Math.min(reminders, 1_000)));
}

/** Alerts notified and firing that a message may call "still firing": not suppressed, nothing queued, no end waiting in `failed`. */
export function remindable(
  document: AlertGroupDocument,
  suppressedBy: ReadonlyMap<string, string>,
): Readonly<Record<string, NotifiedAlert>> {
  const waiting = new Set(document.queued.map((entry) => entry.alert));
  const ended = new Set(document.failed.filter(isEnd).map((entry) => entry.alert));
  return Object.fromEntries(
    Object.entries(document.alerts).filter(([id]) => !suppressedBy.has(id) && !waiting.has(id) && !ended.has(id)),
  );
}

/** How long an acknowledged alert waits at most for the next look: that it was taken back comes unannounced. */
const ACKNOWLEDGED_LOOK = 10 * MINUTE;

function acknowledgedLook(document: AlertGroupDocument, now: Instant, context: DueContext): Instant | undefined {
  if (context.acknowledged.size === 0) return undefined;
  const isOne = ([id, notified]: readonly [string, NotifiedAlert]) => isAcknowledged(context.acknowledged.get(id), notified);
  return Object.entries(document.alerts).some(isOne) ? now + ACKNOWLEDGED_LOOK : undefined;
}

function lookDue(document: AlertGroupDocument, now: Instant, { suppressedBy, mutedUntil }: DueContext): Instant | undefined {
  const waiting = [...document.queued, ...document.failed].filter((entry) => suppressedBy.has(entry.alert));
  const entries = new Set(waiting.map(({ alert }) => alert));
  const notified = Object.entries(document.alerts).filter(([id]) => suppressedBy.has(id) && !entries.has(id));
  if (waiting.length === 0 && notified.length === 0) return undefined;
  // The end of a silence comes unannounced; that of an entry's own time, or of a muted one, does not.
  const times = new Map<RuleId, Instant>();
  const nextLook = (rule: RuleId) => {
    const known = times.get(rule) ?? mutedUntil(rule) ?? now + NEXT_LOOK;
    times.set(rule, known);
    return known;
  };
  const looks = waiting.map(({ hold, rule }) => (hold !== undefined && hold.until > now ? hold.until : nextLook(rule)));
  return Math.min(...new Set([...looks, ...notified.map(([, { rule }]) => nextLook(rule))]));
}
