import { own } from '../../core/record.ts';
import type { Html } from './html.ts';

/** The colours of statuses, each with one that is legible on black. */
const TONES: Readonly<Record<string, { readonly name: string; readonly onBlack: string }>> = {
  '#c62828': { name: 'red', onBlack: '#ff8a80' },
  '#e07b00': { name: 'orange', onBlack: '#ffb74d' },
  '#9a6700': { name: 'brown', onBlack: '#e3b341' },
  '#1565c0': { name: 'blue', onBlack: '#82b1ff' },
  '#2e7d32': { name: 'green', onBlack: '#81c784' },
};

/** The class that gives text in the colour of a status another one on black; grey for any other colour. */
export function toneOf(color: string): string {
  return own(TONES, color)?.name ?? 'dim';
}

const rules = (selector: string, declarations: string) => `${selector}{${declarations.replaceAll(';', '!important;')}!important}`;

const DARK = [
  rules('.bg', 'background:#101317'),
  rules('.card', 'background:#1b1f24;border-color:#343b44;color:#e6e9ed'),
  rules('.ink', 'color:#f4f6f8'),
  rules('.soft', 'color:#c9d0d8'),
  rules('.dim', 'color:#98a2ae'),
  rules('.link', 'color:#82b1ff'),
  rules('.line', 'border-top-color:#343b44'),
  rules('.box', 'background:#242a31;border-color:#3a424c'),
  rules('.note', 'background:#3a3116;color:#f4e6bd'),
  ...Object.values(TONES).map(({ name, onBlack }) => rules(`.${name}`, `color:${onBlack}`)),
].join('');

const NARROW = [
  rules('.pad', 'padding-left:16px;padding-right:16px'),
  rules('.row', 'display:block;padding-bottom:0'),
  rules('.stack', 'display:block;width:auto;border-top:0;padding:2px 0 10px 14px'),
].join('');

/**
 * The style sheet of a mail, for clients that read one: colours where the reader prefers dark, and less margin on phones. Everything that a mail cannot do
 * without is in its inline styles.
 */
export const STYLE_SHEET: Html = {
  html: `<style>@media (prefers-color-scheme:dark){${DARK}}@media (max-width:480px){${NARROW}}</style>`,
};
