import { formatDuration, humanDuration } from '../core/duration.ts';
import { own } from '../core/record.ts';
import { MINUTE } from '../core/time.ts';
import { NOT_KNOWN } from './ending.ts';
import type { MeasuredText, Message, MessageAlert } from './message.ts';
import { onlyAlert } from './summary.ts';
import { joinedPhrases, type Phrase } from './when.ts';
import {
  capitalised,
  escalatedState,
  escalationWords,
  eventsOf,
  isFlapping,
  movedState,
  newEvents,
  oldest,
  whySent,
} from './wording.ts';

const SEPARATOR = ' · ';

/**
 * What is wrong, where and how bad, in one line that people read first: `Critical: stub fails on /todos/`, `Still critical after 4h: …`,
 * `Resolved after 12m: …`, `2 critical, 1 resolved: …`. A text of a rule that begins with the status says so itself.
 */
export function firstLine(message: Message): string {
  const { title } = message;
  if (title.marked === true) return title.text;
  const only = onlyAlert(message);
  const state = only === undefined ? severalStates(message) : stateOf(only, message);
  return state === '' ? title.text : `${capitalised(state)}: ${title.text}`;
}

function stateOf(alert: MessageAlert, message: Message): string {
  const { severity, status } = alert;
  const { reason, at } = message;
  switch (status) {
    case 'firing':
      if (isFlapping(alert)) return `${reason === 'reminder' ? 'still ' : ''}${severity}${escalatedState(message)}, flapping`;
      if (reason === 'reminder') return `still ${severity} after ${lasted(alert, at)}`;
      if (alert.change === 'worse' || alert.change === 'better') return `now ${severity}`;
      return alert.change === 'steady' ? `${severity}, steady again` : `${severity}${escalatedState(message)}`;
    case 'event': {
      const events = eventsOf([alert]);
      return events > 1 ? `${severity}, ${events} events` : severity;
    }
    case 'resolved':
      return alert.endedAt === undefined ? 'resolved' : `resolved after ${lasted(alert, alert.endedAt)}`;
    case 'ended':
      return `fired and ${alert.ending === undefined ? 'resolved' : 'ended'}`;
    default:
      return STATES[status];
  }
}

const STATES = {
  no_data: 'no more data',
  rule_removed: 'rule removed',
  rule_changed: 'rule changed',
  state_lost: 'state lost',
  moved: 'handed over',
} as const;

/** `2 critical, 1 warning, 1 resolved`: what the marks of a title count, the firing ones by their severities. */
function severalStates(message: Message): string {
  const { title, levels = [], reason } = message;
  const still = reason === 'reminder' ? 'still ' : '';
  return title.marks
    .map(({ status, count }) => {
      if (status === 'firing') {
        const counts = levels.length === 0 ? `${count} firing` : levels.map((one) => `${one.count} ${one.severity}`).join(', ');
        return `${still}${counts}${escalatedState(message)}`;
      }
      if (status === 'event') return `${count} ${count === 1 ? 'event' : 'events'}`;
      if (status === 'no_data') return `${count} without data`;
      return `${count} ${status === 'moved' ? 'handed over' : status.replaceAll('_', ' ')}`;
    })
    .join(', ');
}

/**
 * The sentence below the first line: of one alert what is measured, of several how many there are and since when; of what has escalated, who was
 * notified before.
 */
export function leadSentence(message: Message): Phrase {
  const only = onlyAlert(message);
  if (only !== undefined) return joinedPhrases([sentence(only, message), [escalationWords(message)]], SEPARATOR);
  if (message.reason !== 'first' || message.status !== 'firing') return [whySent(message)];
  const since = [`${message.firing} alerts are firing, the first since `, { at: oldest(message) }];
  return joinedPhrases([since, [escalationWords(message)]], SEPARATOR);
}

/** What is measured of an alert and since when it is so, in one sentence: `7 documents in 5m · limit 5 · since 10:05, for 4h`. */
export function sentence(alert: MessageAlert, { at }: Pick<Message, 'at'>): Phrase {
  const { measured, startedAt, endedAt, flapping } = alert;
  switch (alert.status) {
    case 'firing':
      return joinedPhrases([measuredPhrase(measured), flapping === undefined ? since(alert, at) : flaps(alert, at)], SEPARATOR);
    case 'moved':
      return joinedPhrases([measuredPhrase(measured), [movedState(alert)], since(alert, at)], SEPARATOR);
    case 'event':
      // News of Tocsin itself is one event, and counts nothing.
      return joinedPhrases(
        [[own(alert.values, 'events') === undefined ? '' : newEvents(eventsOf([alert]))], ['at ', { at: startedAt }]],
        SEPARATOR,
      );
    case 'ended':
      return joinedPhrases(
        [measuredPhrase(measured), ['over before it could be sent', ...ofEnding(alert)], range(startedAt, endedAt)],
        SEPARATOR,
      );
    case 'resolved': {
      const steady = flapping === undefined ? '' : `${flapping.episodes} episodes, steady for ${formatDuration(flapping.steady)}`;
      return joinedPhrases(
        [measuredPhrase(measured, 'now '), [endingNews(alert)], [steady], range(startedAt, endedAt)],
        SEPARATOR,
      );
    }
    default:
      return joinedPhrases([[alert.ending ?? NOT_KNOWN], measuredPhrase(measured), range(startedAt, endedAt)], SEPARATOR);
  }
}

/** The sentence of an alert among several: when it began or ended, without what the line names already. */
export function briefState(alert: MessageAlert, { at }: Pick<Message, 'at'>): Phrase {
  const { status, startedAt, endedAt } = alert;
  if (status === 'firing') return flapsOrSince(alert, at);
  if (status === 'event') return ['at ', { at: startedAt }];
  if (status === 'moved') return [movedState(alert)];
  const word =
    status === 'resolved' ? 'resolved' : status === 'ended' ? 'over before it could be sent' : (alert.ending ?? NOT_KNOWN);
  const why = status === 'resolved' ? endingNews(alert) : '';
  return joinedPhrases([[word], [why], range(startedAt, endedAt)], ', ');
}

function flapsOrSince(alert: MessageAlert, at: number): Phrase {
  const change = alert.change === 'worse' ? 'now worse, ' : alert.change === 'steady' ? 'steady again, ' : '';
  return [change, ...(isFlapping(alert) ? ['flapping, '] : []), 'since ', { at: alert.startedAt }, ...forLong(alert, at)];
}

function measuredPhrase(measured: MeasuredText | undefined, begin = ''): Phrase {
  if (measured === undefined) return [];
  const { value, limit } = measured;
  return [{ strong: `${begin}${value}` }, ...(limit === undefined ? [] : [`${SEPARATOR}${limit}`])];
}

function since(alert: MessageAlert, at: number): Phrase {
  return ['since ', { at: alert.startedAt }, ...forLong(alert, at)];
}

/** Below a minute it has only just begun. */
function forLong({ startedAt }: MessageAlert, at: number): Phrase {
  return at - startedAt < MINUTE ? [] : [`, for ${humanDuration(at - startedAt)}`];
}

function flaps(alert: MessageAlert, at: number): Phrase {
  const { flapping } = alert;
  if (flapping === undefined || !isFlapping(alert)) return ['no longer flapping, ', ...since(alert, at)];
  const { episodes, since: first, steady } = flapping;
  return [`fired ${episodes} times in ${humanDuration(at - first)}; quiet until steady for ${formatDuration(steady)}`];
}

/** `10:05 – 10:17, 12m`. */
function range(from: number, to: number | undefined): Phrase {
  if (to === undefined) return ['since ', { at: from }];
  return [{ at: from }, ' – ', { at: to }, `, ${humanDuration(Math.max(0, to - from))}`];
}

/** That something recovered is what `resolved` means. */
function endingNews({ ending }: MessageAlert): string {
  return ending === undefined || /^recovered\b/.test(ending) ? '' : ending;
}

function ofEnding({ ending }: MessageAlert): Phrase {
  return ending === undefined ? [] : [`: ${ending}`];
}

function lasted({ startedAt }: MessageAlert, until: number): string {
  return humanDuration(Math.max(0, until - startedAt));
}
