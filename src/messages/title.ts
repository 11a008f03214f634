import type { Title, TitleMark } from './message.ts';
import { eventWord, remarkWords, statusWord } from './wording.ts';

/** A title with what it is about in front: `[FIRING] …`, `[FIRING:3, RESOLVED:1] …`; for places that do not show the status otherwise. */
export function headline({ marks, text, marked }: Title): string {
  return marks.length === 0 || marked === true ? text : `${bracketed(marks)} ${text}`;
}

/** A title without its marks, for places that show the status by themselves. */
export function bareTitle({ text }: Title): string {
  return text;
}

/** What a title says in front, for places that show it apart: `firing`, `firing, still`, `3 firing`, `1 resolved`, `2 events`; none where its text says it. */
export function titleTags({ marks, marked }: Title): readonly string[] {
  if (marked === true) return [];
  const alone = isAlone(marks);
  return marks.map(({ status, count, remarks = [] }) => {
    const word = status === 'event' && count !== 1 ? 'events' : status === 'event' ? 'event' : statusWord(status).toLowerCase();
    return `${alone ? '' : `${count} `}${word}${remarkWords(remarks)}`;
  });
}

/** The title of a message. A text of a rule that begins with the very marks it would get says so itself, and gets them once. */
export function titled(marks: readonly TitleMark[], text: string): Title {
  const marked = marks.length > 0 && text.startsWith(bracketed(marks));
  return { marks, text, ...(marked && { marked }) };
}

/** The title under which alerts are recorded that no receiver is left for. */
export function undeliverableTitle(alerts: number): Title {
  return titled([], `No receiver is left for ${alerts === 1 ? 'one alert' : `${alerts} alerts`}`);
}

function bracketed(marks: readonly TitleMark[]): string {
  const alone = isAlone(marks);
  return `[${marks.map((mark) => markText(mark, alone)).join(', ')}]`;
}

/** The message is about one alert. */
function isAlone(marks: readonly TitleMark[]): boolean {
  return marks.length === 1 && marks[0]?.count === 1;
}

/** `FIRING`, `FIRING, still`, `FIRING:3`, `EVENT`; the count of a status is left out where the message is about one alert `alone`. */
function markText({ status, count, remarks = [] }: TitleMark, alone: boolean): string {
  if (status === 'event') return eventWord(count);
  return `${statusWord(status)}${alone ? '' : `:${count}`}${remarkWords(remarks)}`;
}
