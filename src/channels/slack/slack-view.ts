import { escapeHtml } from '../../core/html-text.ts';
import { isObject, type Json } from '../../core/json.ts';
import { own } from '../../core/record.ts';

/** HTML that shows a webhook's message about as Slack does: header, sections, fields, context and buttons, with the attachment's colour bar. */
export function slackView(message: Json): string {
  const attachments = listOf(message, 'attachments').map((attachment) => {
    const color = /^#[0-9a-f]{6}$/i.test(textOf(attachment, 'color')) ? textOf(attachment, 'color') : '#dddddd';
    return `<div class="attachment" style="border-color:${color}">${listOf(attachment, 'blocks').map(block).join('')}</div>`;
  });
  return `${listOf(message, 'blocks').map(block).join('')}${attachments.join('')}`;
}

function block(given: Json): string {
  switch (textOf(given, 'type')) {
    case 'header':
      return `<h4>${text(member(given, 'text'))}</h4>`;
    case 'section':
      return `<div class="section">${text(member(given, 'text'))}${fields(listOf(given, 'fields'))}</div>`;
    case 'context':
      return `<div class="context">${listOf(given, 'elements').map(text).join(' · ')}</div>`;
    case 'actions':
      return `<div class="actions">${listOf(given, 'elements').map(button).join('')}</div>`;
    case 'image':
      return image(given);
    case 'divider':
      return '<hr>';
    default:
      return `<pre>${escapeHtml(JSON.stringify(given))}</pre>`;
  }
}

/** A picture within the page. One that is elsewhere is named: a page that shows a message asks no one else for anything. */
function image(given: Json): string {
  const [url, alt] = [textOf(given, 'image_url'), escapeHtml(textOf(given, 'alt_text'))];
  if (!/^data:image\/png;base64,[A-Za-z0-9+/=]+$/.test(url)) return `<div class="context">${alt}</div>`;
  return `<div class="section"><img src="${url}" alt="${alt}" style="max-width:100%;width:440px;border-radius:6px"></div>`;
}

function fields(list: readonly Json[]): string {
  return list.length === 0 ? '' : `<div class="fields">${list.map((field) => `<div>${text(field)}</div>`).join('')}</div>`;
}

function button(element: Json): string {
  const url = textOf(element, 'url');
  const label = text(member(element, 'text'));
  return url === '' ? `<span class="button">${label}</span>` : `<a class="button" href="${escapeHtml(url)}">${label}</a>`;
}

function text(given: Json): string {
  const content = textOf(given, 'text');
  if (textOf(given, 'type') === 'mrkdwn') return mrkdwn(content);
  // Slack reads these three in every text.
  const read = content.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  return escapeHtml(read).replaceAll('\n', '<br>');
}

/** Slack's markup as HTML. The text is escaped for HTML already as far as Slack asks for it: `&`, `<` and `>`. */
function mrkdwn(content: string): string {
  return content
    .replaceAll('"', '&quot;')
    .replace(/<(https?:[^|>]+)\|([^>]*)>/g, '<a href="$1">$2</a>')
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '<span title="in the time zone of each reader">$1</span>')
    .replace(/<(!(?:here|channel|everyone)|[@!#][^>|]*)(?:\|[^>]*)?>/g, '<b>@$1</b>')
    .replace(/^&gt; (.*)$/gm, '<q>$1</q>')
    .replace(/```([\s\S]*?)```/g, '<pre>$1</pre>')
    .replace(/`([^`\n]+)`/g, '<code>$1</code>')
    .replace(/(^|[\s(])\*([^*\n]+)\*/g, '$1<b>$2</b>')
    .replace(/\n(?![^<]*<\/pre>)/g, '<br>');
}

function member(given: Json, key: string): Json {
  return isObject(given) ? (own(given as Readonly<Record<string, Json>>, key) ?? null) : null;
}

function textOf(given: Json, key: string): string {
  const value = member(given, key);
  return typeof value === 'string' ? value : '';
}

function listOf(given: Json, key: string): readonly Json[] {
  const value = member(given, key);
  return Array.isArray(value) ? value : [];
}
