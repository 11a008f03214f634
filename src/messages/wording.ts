import { formatDuration, humanDuration } from '../core/duration.ts';
import { severityKind } from '../core/severity.ts';
import { type Instant, iso } from '../core/time.ts';
import { NOT_KNOWN } from './ending.ts';
import { type LogLine, type Message, type MessageAlert, type TitleMark, UNWATCHED } from './message.ts';

/** Says whether an alert has ended without being known to have recovered. */
export function isUncertain(status: MessageAlert['status']): boolean {
  return status === 'no_data' || UNWATCHED.some((one) => one === status);
}

/** The word for a status in a title: `FIRING`, `NO DATA`, `HANDED OVER`. */
export function statusWord(status: Exclude<MessageAlert['status'], 'event'>): string {
  return status === 'moved' ? 'HANDED OVER' : status.replaceAll('_', ' ').toUpperCase();
}

/** The word for events in a title: `EVENT`, `EVENTS:3`. */
export function eventWord(count: number): string {
  return count === 1 ? 'EVENT' : `EVENTS:${count}`;
}

/** What a title says of what fires: `, still`, `, still flapping`; empty without remarks. */
export function remarkWords(remarks: NonNullable<TitleMark['remarks']>): string {
  return remarks.length === 0 ? '' : `, ${remarks.join(' ')}`;
}

/**
 * What a message is about as a whole: its status, or that of its alerts where nothing fires and they all have the same. Where some are not known
 * to have recovered it is not said to be resolved.
 */
export function overallStatus({ status, alerts }: Message): MessageAlert['status'] {
  if (status !== 'resolved') return status;
  const uncertain = alerts.find((alert) => isUncertain(alert.status));
  const first = uncertain ?? alerts[0];
  return first !== undefined && (uncertain !== undefined || alerts.every((alert) => alert.status === first.status))
    ? first.status
    : 'resolved';
}

/** How many events the alerts of a message are about. */
export function eventsOf(alerts: readonly Pick<MessageAlert, 'status' | 'values'>[]): number {
  return alerts.reduce((sum, { status, values }) => sum + (status === 'event' ? Number(values['events'] ?? 1) || 1 : 0), 0);
}

/** Why the message was sent, as a sentence for people: `Still firing after 4h`. */
export function whySent(message: Message): string {
  const escalated = escalationWords(message);
  return escalated === '' ? changeSince(message) : `${capitalised(escalated)}. ${changeSince(message)}`;
}

/** Who was notified before of what has escalated to this receiver, and how long ago; empty where nothing has. */
export function escalationWords({ escalated = [], firing }: Pick<Message, 'escalated' | 'firing'>): string {
  return escalated
    .map((one) => {
      const head = one.alerts === firing ? 'escalated' : `${one.alerts} of ${firing} escalated`;
      const then = one.before.length === 0 ? '' : `, then ${one.before.join(', ')}`;
      return `${head}: ${one.from} was notified ${humanDuration(one.ago)} ago${then}, and no one has acknowledged ${one.alerts === 1 ? 'it' : 'them'}`;
    })
    .join('; ');
}

/** `, escalated after 15m`: what the first line says where all that fires has escalated to this receiver; else empty. */
export function escalatedState({ title, escalated = [] }: Pick<Message, 'title' | 'escalated'>): string {
  const isAll = title.marks.some(({ remarks }) => remarks?.includes('escalated'));
  return isAll ? `, escalated after ${humanDuration(Math.max(0, ...escalated.map(({ ago }) => ago)))}` : '';
}

function changeSince(message: Message): string {
  switch (message.reason) {
    case 'first':
      return message.status === 'firing' ? firingSince(message) : endedOf(message);
    case 'more_alerts':
      return `More alerts are firing: now ${message.firing}`;
    case 'flapping':
      return flappingSince(message);
    case 'worse':
      return `Now worse: ${message.severity}`;
    case 'better':
      return `Better, and still firing: now ${message.severity}`;
    case 'steady':
      return 'No longer flapping, and still firing';
    case 'reminder':
      return `Still firing after ${firingFor(message)}`;
    case 'resolved':
      if (message.more === 0 && message.alerts.every((alert) => alert.status === 'no_data'))
        return `Ended${lasted(message)}${steadyAgain(message)} because there is no more data: ${NOT_KNOWN}`;
      if (message.more === 0 && message.alerts.every((alert) => isUncertain(alert.status)))
        return `Ended${lasted(message)}${steadyAgain(message)}${endingOf(message) || `: ${NOT_KNOWN}`}`;
      return message.alerts.some((alert) => alert.status === 'resolved' || isUncertain(alert.status))
        ? `Resolved${lasted(message)}${steadyAgain(message)}${endingOf(message)}`
        : endedOf(message);
    case 'moved':
      return capitalised(movedText(message));
    case 'event':
      return `${newEvents(eventsOf(message.alerts))}${message.more > 0 ? ', and more' : ''}`;
    case 'update':
      return message.status === 'firing' ? `Changed, and ${message.firing} still firing` : 'Changed';
  }
}

/** How long the oldest alert of the message has been firing, for people: `4h`. */
function firingFor(message: Message): string {
  return humanDuration(Math.max(0, message.at - oldest(message)));
}

function firingSince(message: Message): string {
  const since = `since ${sinceOf(message)}`;
  return message.firing > 1 ? `${message.firing} alerts are firing, the first ${since}` : `Firing ${since}`;
}

function endedOf({ alerts }: Message): string {
  const resolved = alerts.every(({ ending }) => ending === undefined);
  return `Fired and ${resolved ? 'resolved' : 'ended'} before a notification was sent`;
}

/** Of alerts that moved alike: where to, as a sentence; of others how many did. */
function movedText({ alerts, more }: Message): string {
  const [state, ...others] = new Set(alerts.map(movedState));
  if (state === undefined || others.length > 0 || more > 0)
    return 'still firing: handed over, further changes are sent elsewhere';
  return alerts.some(({ movedTo }) => movedTo?.length === 0) ? state : `${state}, where further changes are sent`;
}

/** `still firing, now critical: handed over to an alert group of receiver oncall`. */
export function movedState({ severity, movedTo }: MessageAlert): string {
  const state = `still firing, now ${severity}`;
  if (movedTo === undefined) return `${state}: handed over to another alert group`;
  if (movedTo.length === 0) return `${state}: no receiver is routed to any more`;
  return `${state}: handed over to ${movedTo.length === 1 ? 'receiver' : 'receivers'} ${movedTo.join(', ')}`;
}

/** With a capital letter. */
export function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Says whether an alert flaps now: what it does is notified when it is steady again. */
export function isFlapping({ status, change, flapping }: Pick<MessageAlert, 'status' | 'change' | 'flapping'>): boolean {
  return status === 'firing' && change !== 'steady' && flapping !== undefined;
}

function flappingSince(message: Message): string {
  const flapping = message.alerts.flatMap((alert) => (isFlapping(alert) ? (alert.flapping ?? []) : []));
  const [only] = flapping;
  if (only === undefined || flapping.length > 1) return `Flapping: ${flapping.length} alerts, quiet until they are steady`;
  const { episodes, since, steady } = only;
  return `Flapping: fired ${episodes} times in ${humanDuration(message.at - since)}; quiet until steady for ${formatDuration(steady)}`;
}

function steadyAgain({ alerts }: Message): string {
  const [only] = alerts;
  if (alerts.length !== 1 || only?.flapping === undefined) return '';
  return ` and ${only.flapping.episodes} episodes; steady for ${formatDuration(only.flapping.steady)}`;
}

/** Why they ended, where all of them ended for the same reason. */
function endingOf({ alerts, more }: Message): string {
  const [ending, ...others] = new Set(alerts.map((alert) => alert.ending));
  return ending === undefined || others.length > 0 || more > 0 ? '' : `: ${ending}`;
}

/** `1 new event`, `3 new events`. */
export function newEvents(events: number): string {
  return events === 1 ? '1 new event' : `${events} new events`;
}

/** `2026-01-01 10:05:00 UTC`. */
export function clockTime(instant: Instant): string {
  return `${iso(instant).slice(0, 19).replace('T', ' ')} UTC`;
}

/** Where a line of a log comes from, and how often it was said: `ERROR stub (3 times)`; empty when nothing is known of it. */
export function logOrigin({ level, service, count }: LogLine): string {
  const origin = [level.toUpperCase(), service].filter((word) => word !== '').join(' ');
  if (count < 2) return origin;
  return origin === '' ? `(${count} times)` : `${origin} (${count} times)`;
}

/** Says whether a line of a log is about an error, for its colour. */
export function isAlarming({ level }: Pick<LogLine, 'level'>): boolean {
  return severityKind(level) === 'alarming';
}

/** The line of some logs that says most about what went wrong: the first of an error, else the last one. */
export function mainLogLine(logs: readonly LogLine[]): LogLine | undefined {
  return logs.find(isAlarming) ?? logs.at(-1);
}

/** The group as text: `service.name=stub, url.path=/todos/`; empty without group_by. */
export function groupLine(group: Readonly<Record<string, string>>): string {
  return Object.entries(group)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

/** The sign and the colour (`#rrggbb`) that a message, or one alert of it, has at a glance. */
export function appearance(status: MessageAlert['status'], severity: string): { readonly sign: string; readonly color: string } {
  if (status === 'resolved') return { sign: '✅', color: '#2e7d32' };
  // Neither green nor an alarm: it takes a person to find out.
  if (isUncertain(status)) return { sign: '❔', color: '#607d8b' };
  if (status === 'ended') return { sign: '☑️', color: '#607d8b' };
  if (status === 'moved') return { sign: '➡️', color: '#607d8b' };
  return APPEARANCES[severityKind(severity)];
}

const APPEARANCES = {
  alarming: { sign: '🔴', color: '#c62828' },
  warning: { sign: '🟠', color: '#e07b00' },
  informative: { sign: '🔵', color: '#1565c0' },
} as const;

/** When the first of the firing alerts of a message began, or of all where none fires. */
export function oldest(message: Message): Instant {
  const firing = message.alerts.filter((alert) => alert.status === 'firing');
  return Math.min(...(firing.length > 0 ? firing : message.alerts).map((alert) => alert.startedAt), message.at);
}

function sinceOf(message: Message): string {
  return clockTime(oldest(message));
}

function lasted(message: Message): string {
  const ended = message.alerts.filter((alert) => alert.endedAt !== undefined);
  if (ended.length === 0) return '';
  const from = Math.min(...ended.map((alert) => alert.startedAt));
  const to = Math.max(...ended.map((alert) => alert.endedAt ?? alert.startedAt));
  return ` after ${humanDuration(Math.max(0, to - from))}`;
}
