import { type Instant, iso } from '../core/time.ts';
import { visible } from '../core/visible.ts';

/** Text as text of a page: nothing in it is markup, and nothing in it is invisible. */
export function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#1c2430;overflow-wrap:anywhere}' +
  'h1{margin:0}h2{margin:2rem 0 .5rem}table{border-collapse:collapse}td,th{padding:.25rem 1rem .25rem 0;text-align:left;vertical-align:top}' +
  '.alerts{width:100%}.alerts tr{border-top:1px solid #d5dae1}.alerts thead tr{border:0}.alerts th{white-space:nowrap}.state th{width:11rem}.time{white-space:nowrap}' +
  '.alarming{color:#b3261e;font-weight:600}.warning{color:#8a5300;font-weight:600}.faint{color:#5b6675}' +
  'pre{background:#f4f5f7;padding:.6rem;white-space:pre-wrap}.bad{color:#b3261e}' +
  '@media(max-width:48rem){.alerts thead{display:none}.alerts,.alerts tbody,.alerts tr,.alerts td{display:block}.alerts tr{padding:.5rem 0}' +
  '.alerts td{padding:0}.alerts td:empty{display:none}.alerts td[data-label]::before{content:attr(data-label) " ";color:#5b6675}.state th{width:8rem}}' +
  '@media(prefers-color-scheme:dark){body{background:#14181d;color:#e4e7eb}pre{background:#20262d}a{color:#8ab4f8}.bad,.alarming{color:#ff8a80}' +
  '.warning{color:#ffc069}.faint,.alerts td[data-label]::before{color:#9aa5b1}.alerts tr{border-color:#39424e}}';

/** One plain page. No script, nothing from elsewhere. */
export function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(cut(title))}</title>
<style>${STYLE}</style>${body}</html>`;
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
