import { pageText } from '../../core/html-text.ts';
import { type Instant, iso } from '../../core/time.ts';
import { truncate } from '../../core/truncate.ts';

/** PageMarkup that is right as it is; made by `html` alone, so that text never becomes markup by accident. */
export interface PageMarkup {
  readonly markup: string;
}

/** What a template may contain: markup as it is, everything else as text. */
export type Fragment = PageMarkup | string | number | undefined | readonly Fragment[];

/** A template of HTML: what is put into it is text of bounded length, unless it is markup itself. Attributes are quoted, and hold whole addresses. */
export function html(parts: TemplateStringsArray, ...values: readonly Fragment[]): PageMarkup {
  const texts = parts.map((part, place) => {
    const value = place < values.length ? values[place] : undefined;
    const isInAttribute = typeof value === 'string' && IN_ATTRIBUTE.test(part);
    return part + (isInAttribute ? pageText(cut(value, LONGEST_ATTRIBUTE)) : fragmentText(value));
  });
  return { markup: texts.join('') };
}

const IN_ATTRIBUTE = /="[^"<>]*$/;
const LONGEST_ATTRIBUTE = 8_000;

/** Trusted text, such as that of this program, as markup. */
export function rawMarkup(markup: string): PageMarkup {
  return { markup };
}

function fragmentText(value: Fragment): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return pageText(cut(value));
  if (typeof value === 'number') return value.toLocaleString('en-US');
  return 'markup' in value ? value.markup : value.map(fragmentText).join('');
}

/** A number of things: `1 alert`, `1,200 alerts`. */
export function many(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** A moment for people, to the second. */
export function pageTime(at: Instant): string {
  return `${iso(at).slice(0, 19).replace('T', ' ')} UTC`;
}

/** A moment that the page's program shows in the reader's time zone; without it, in UTC. */
export function timeElement(at: Instant): PageMarkup {
  return html`<time datetime="${iso(at)}">${pageTime(at)}</time>`;
}

/** Text of problem. */
export function bad(text: string): string {
  return `<span class="bad">${codeMarked(text)}</span>`;
}

/** A sentence of this program, such as a problem and its next step: what it has in backticks is shown as code. */
export function withCode(text: string): PageMarkup {
  return { markup: codeMarked(cut(text)) };
}

function codeMarked(text: string): string {
  return pageText(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

/** No text of the page is longer, whatever a document holds. */
const LONGEST = 300;

/** A text of bounded length. */
export function cut(text: string, longest = LONGEST): string {
  return truncate(text, longest);
}

/** A text of several lines, such as a query, with a bound of its own. */
export function preformatted(text: string, longest = 20_000): PageMarkup {
  // A region that scrolls can be reached with the keyboard.
  return { markup: `<pre tabindex="0">${pageText(cut(text, longest))}</pre>` };
}
