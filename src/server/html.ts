import { type Instant, iso } from '../core/time.ts';
import { visible } from '../core/visible.ts';

/** Text as text of a page: nothing in it is markup, and nothing in it is invisible. */
export function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A moment for people, to the second. */
export function timeText(at: Instant): string {
  return `${iso(at).slice(0, 19).replace('T', ' ')} UTC`;
}

/** Text of problem. */
export function bad(text: string): string {
  return `<span class="bad">${escaped(text)}</span>`;
}

/** No text of the page is longer, whatever a document holds. */
const LONGEST = 300;

/** A text of bounded length. */
export function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/\p{Surrogate}$/u, '')}…` : text;
}
