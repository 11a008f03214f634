import { visible } from './visible.ts';

/** Escapes text for HTML and XML, content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Text as text of a page or of SVG: nothing in it is markup, and nothing in it is invisible. */
export function pageText(text: string): string {
  return escapeHtml(visible(text));
}

/** Escapes the signs that begin tags and entities, as Slack and other chats want them: `&amp;`, `&lt;` and `&gt;`. */
export function escapeTags(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
