import { slackView } from '../../../src/channels/slack/slack-view.ts';
import { escapeHtml } from '../../../src/core/html-text.ts';
import type { Json } from '../../../src/core/json.ts';
import { iso } from '../../../src/core/time.ts';
import type { DemoMail } from '../servers/mail-server.ts';
import type { Delivery } from './picture.ts';

/** A message as the person who got it sees it, with its number on the time line. */
export function messageCard({ number, arrived, receiver }: Delivery): string {
  const at = iso(arrived.at).slice(11, 16);
  const source = `<a class="source" href="${escapeHtml(arrived.file)}">${arrived.kind === 'mail' ? '.eml' : 'JSON'}</a>`;
  const head = `<h3><span class="number">${number}</span> ${at} <span class="small">to ${escapeHtml(receiver)}</span> ${source}</h3>`;
  const body = arrived.kind === 'mail' ? mailCard(arrived.mail) : slackCard(arrived.message, at);
  return `<article id="message-${number}">${head}${body}</article>`;
}

/** A webhook's message, as Slack shows it. */
export function slackCard(message: Json, at: string): string {
  return `<div class="slack"><div class="avatar" aria-hidden="true">T</div><div class="said">
<p class="who"><b>Tocsin</b> <span class="app">APP</span> <span class="small">${escapeHtml(at)}</span></p>
${slackView(message)}</div></div>`;
}

/** A mail with its headers. The body is in a shadow tree of its own: neither its styles nor those of the page reach the other. */
function mailCard({ subject, from, to, html }: DemoMail): string {
  return `<div class="mail"><p class="subject">${escapeHtml(subject)}</p><p class="small">${escapeHtml(from)} → ${escapeHtml(to)}</p>
<div class="mail-body"><template shadowrootmode="open">${bodyOf(html)}</template></div></div>`;
}

/** What is inside the body of an HTML document. */
function bodyOf(html: string): string {
  return /<body[^>]*>([\s\S]*)<\/body>/i.exec(html)?.[1] ?? html;
}
