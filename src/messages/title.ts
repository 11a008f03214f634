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
  const alone = marks.length === 1 && marks[0]?.count === 1;
  return `[${marks.map((mark) => markText(mark, alone)).join(', ')}]`;
}

/** `FIRING`, `FIRING, still`, `FIRING:3`, `EVENT`; the count of a status is left out where the message is about one alert `alone`. */
function markText({ status, count, remarks = [] }: TitleMark, alone: boolean): string {
  if (status === 'event') return eventWord(count);
  return `${statusWord(status)}${alone ? '' : `:${count}`}${remarkWords(remarks)}`;
}
