import { DEFAULT_LOCALE, type ReaderSettings } from '../core/locale.ts';
import { type Instant, iso } from '../core/time.ts';

/** A time within a sentence: each channel writes it as its readers know times best. */
export interface Moment {
  readonly at: Instant;
}

/** What a reader looks for first in a sentence. */
interface Strong {
  readonly strong: string;
}

/** A sentence whose times are not written yet. */
export type Phrase = readonly (string | Moment | Strong)[];

/** Where and when a message is read: a time on the day of `at` is written without its date. */
export interface Reader extends ReaderSettings {
  readonly at: Instant;
}

const DAY_FORM = { day: 'numeric', month: 'short' } as const;
const FORMS = {
  day: { ...DAY_FORM, year: 'numeric' },
  short: DAY_FORM,
  time: { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
} as const;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(form: keyof typeof FORMS, { timezone = 'UTC', locale = DEFAULT_LOCALE }: ReaderSettings): Intl.DateTimeFormat {
  const key = `${form} ${timezone} ${locale}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, { ...FORMS[form], timeZone: timezone });
  formats.set(key, made);
  return made;
}

/** Says whether a time is on another day than the message, where that is read. */
export function isAnotherDay({ at }: Moment, reader: Reader): boolean {
  const day = format('day', reader);
  return day.format(at) !== day.format(reader.at);
}

/** `10:05 UTC`, `29 Nov 23:10 CET`, `31 Dec 2025 23:10 UTC`: as precise as a sentence needs it. */
export function momentText(moment: Moment, reader: Reader): string {
  const time = format('time', reader).format(moment.at);
  if (!isAnotherDay(moment, reader)) return time;
  const isThisYear = iso(moment.at).slice(0, 4) === iso(reader.at).slice(0, 4);
  return `${format(isThisYear ? 'short' : 'day', reader).format(moment.at)} ${time}`;
}

/** A sentence as text. */
export function written(phrase: Phrase, reader: Reader): string {
  return phrase.map((part) => partText(part, reader)).join('');
}

function partText(part: Phrase[number], reader: Reader): string {
  if (typeof part === 'string') return part;
  return 'strong' in part ? part.strong : momentText(part, reader);
}

/** Phrases with a separator between those that say something. */
export function joinedPhrases(phrases: readonly Phrase[], separator: string): Phrase {
  const said = phrases.filter((phrase) => phrase.some((part) => part !== ''));
  return said.flatMap((phrase, index) => (index === 0 ? phrase : [separator, ...phrase]));
}
