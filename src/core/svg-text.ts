import { visible } from './visible.ts';

/** Text as text of a page or of SVG: nothing in it is markup, and nothing in it is invisible. */
export function svgText(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
