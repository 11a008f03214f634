import { andMore, LABELS, sentTo } from '../../messages/labels.ts';
import type { Evidence, Fact, Link, LogLine, Message, MessageAlert } from '../../messages/message.ts';
import { onlyAlert } from '../../messages/summary.ts';
import { bareTitle, headline } from '../../messages/title.ts';
import {
  alertState,
  appearance,
  briefFacts,
  clockTime,
  isAlarming,
  notificationLine,
  overallStatus,
  whySent,
} from '../../messages/wording.ts';
import { oneLine } from '../clean-text.ts';
import { type SeveralTexts, severalTexts, textsOf } from '../several-texts.ts';
import { type Html, html, lined } from './html.ts';

// Mail clients know tables and inline styles; most drop style sheets, and some drop what they do not know with all that follows.
const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONO = "font-family:SFMono-Regular,Consolas,'Liberation Mono',Menlo,monospace";
const CELL = 'padding:6px 12px 6px 0;vertical-align:top;font-size:14px;line-height:20px';

/** The HTML part of a mail: a bar in the colour of the severity, why it was sent, the facts, sample documents, links. */
export function htmlBody(message: Message): string {
  const single = onlyAlert(message);
  const status = single?.status ?? overallStatus(message);
  const { color } = appearance(status, message.severity);
  const content = single === undefined ? severalAlerts(message) : [singleAlert(single, message.text)];
  return page(
    message,
    html`
<tr><td style="height:6px;background:${color};font-size:0;line-height:0">&nbsp;</td></tr>
<tr><td style="padding:24px 28px 8px">
<div style="font-size:12px;line-height:18px;font-weight:600;letter-spacing:.04em;text-transform:uppercase;color:${color}">${severityLabel(message, status)}${whySent(message)}</div>
<div style="margin:6px 0 0;font-size:21px;line-height:28px;font-weight:600;color:#1b1f24">${bareTitle(message.title)}</div>
${paragraph(message.text)}
</td></tr>
${content}
${linkRow([...(single?.links ?? []), ...message.links], color)}
${noteRows(message.notes)}`,
  );
}

/** The severity, while something is left to do; what is over or handed over says so in the words that follow. */
function severityLabel({ severity }: Message, status: MessageAlert['status']): string {
  return status === 'firing' || status === 'event' ? `${severity} · ` : '';
}

function page(message: Message, rows: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light"><title>${headline(message.title)}</title></head>
<body style="margin:0;padding:0;background:#f2f4f7">
<div style="display:none;max-height:0;overflow:hidden;color:#f2f4f7">${whySent(message)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f2f4f7"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="640" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:640px;background:#ffffff;border:1px solid #dfe3e8;border-radius:8px;overflow:hidden;${raw(FONT)};color:#1b1f24;text-align:left">
${rows}
<tr><td style="padding:16px 28px 20px;border-top:1px solid #eceff2;font-size:12px;line-height:18px;color:#6b7480">${sentTo(message.receiver)} · ${clockTime(message.at)}</td></tr>
</table></td></tr></table></body></html>
`.html;
}

/** Our own styles hold quotes that must not be escaped twice; never given a text from outside. */
function raw(style: typeof FONT | typeof MONO): Html {
  return { html: style };
}

function paragraph(text: string | undefined): Html | undefined {
  if (text === undefined || text === '') return undefined;
  return html`<div style="margin:10px 0 0;font-size:15px;line-height:22px;color:#3b434d;word-break:break-word">${lined(text)}</div>`;
}

function singleAlert(alert: MessageAlert, shown: string | undefined): Html {
  const group = Object.entries(alert.group).map(([label, value]) => ({ label, value }));
  return html`<tr><td style="padding:4px 28px 16px">
${textsOf(alert).flatMap((text) => (text === shown ? [] : (paragraph(text) ?? [])))}
${factTable([...group, ...alert.facts])}
${evidencePart(alert.evidence)}</td></tr>`;
}

function factTable(facts: readonly Fact[]): Html {
  const rows = facts.map(
    ({ label, value }) =>
      html`<tr><td width="38%" style="${CELL};color:#6b7480;border-top:1px solid #eceff2;word-break:break-word">${label}</td><td style="${CELL};border-top:1px solid #eceff2;word-break:break-word">${value}</td></tr>`,
  );
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:10px 0 0;border-collapse:collapse">${rows}</table>`;
}

function severalAlerts(message: Message): readonly Html[] {
  const texts = severalTexts(message);
  const cards = message.alerts.map((alert) => {
    const { color } = appearance(alert.status, alert.severity);
    const group = Object.entries(alert.group).map(([label, value]) => ({ label, value }));
    return html`<tr><td style="padding:6px 28px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border:1px solid #e3e7ec;border-left:4px solid ${color};border-radius:4px"><tr><td style="padding:10px 14px">
<div style="font-size:15px;line-height:21px;font-weight:600;word-break:break-word">${alert.title}</div>
<div style="font-size:13px;line-height:19px;color:${color}">${alertState(alert)}</div>
${ownTexts(texts, alert)}<div style="margin:4px 0 0;font-size:13px;line-height:19px;word-break:break-word">${factLine(group)}${factLine(briefFacts(alert, texts.condition))}</div>
${logBrief(notificationLine(alert.evidence?.logs ?? []))}<div style="font-size:13px;line-height:19px">${alert.links.slice(0, 4).map((link) => html`<a href="${link.url}" style="color:#1565c0">${link.label}</a>&nbsp; `)}</div>
</td></tr></table></td></tr>`;
  });
  const more = html`<tr><td style="padding:6px 28px 14px;font-size:14px;color:#6b7480">${andMore(message.more)}</td></tr>`;
  const common = texts.common.map(({ text, rules }) => commonText(rules === undefined ? text : `${rules}: ${text}`));
  return message.more > 0
    ? [...common, ...cards, more]
    : [...common, ...cards, html`<tr><td style="height:12px;font-size:0;line-height:0">&nbsp;</td></tr>`];
}

function commonText(text: string): Html {
  return html`<tr><td style="padding:0 28px 10px;font-size:15px;line-height:22px;color:#3b434d;word-break:break-word">${lined(text)}</td></tr>
`;
}

function ownTexts(texts: SeveralTexts, alert: MessageAlert): readonly Html[] {
  return texts.ownOf(alert).map(
    (text) =>
      html`<div style="margin:4px 0 0;font-size:14px;line-height:20px;color:#3b434d;word-break:break-word">${lined(text)}</div>
`,
  );
}

function logBrief(line: LogLine | undefined): Html | undefined {
  if (line === undefined) return undefined;
  return html`<div style="margin:4px 0;padding:4px 8px;background:#f7f8fa;border-left:3px solid ${levelColor(line)};font-size:12px;line-height:18px;word-break:break-word;${raw(MONO)}">${logHead(line)}${oneLine(line.text, 300)}</div>
`;
}

function factLine(facts: readonly Fact[]): Html | undefined {
  if (facts.length === 0) return undefined;
  const parts = facts.map(
    ({ label, value }, index) => html`${index === 0 ? '' : ' · '}<span style="color:#6b7480">${label}</span> ${value}`,
  );
  return html`${parts}<br>`;
}

function evidencePart(evidence: Evidence | undefined): Html | undefined {
  if (evidence === undefined) return undefined;
  const documents = evidence.documents.map(
    ({ at, fields }) =>
      html`<tr><td width="70" style="padding:6px 10px;vertical-align:top;font-size:12px;line-height:18px;color:#6b7480;white-space:nowrap;border-top:1px solid #e3e7ec;${raw(MONO)}">${clockTime(at).slice(11, 19)}</td><td style="padding:6px 10px 6px 0;vertical-align:top;font-size:12px;line-height:18px;border-top:1px solid #e3e7ec;word-break:break-word;${raw(MONO)}">${fieldLines(fields)}</td></tr>`,
  );
  const tops = evidence.top.map(
    ({ field, values }) =>
      html`<div style="margin:10px 0 0;font-size:13px;line-height:19px"><span style="color:#6b7480">${LABELS.top} ${field}</span><br>${values.map(({ value, count }) => html`<span style="${raw(MONO)};word-break:break-word">${value}</span> <b>${count}</b><br>`)}</div>`,
  );
  return html`${logTable(evidence.logs)}${
    documents.length === 0
      ? undefined
      : html`<div style="margin:18px 0 6px;font-size:13px;line-height:19px;font-weight:600">${LABELS.documents}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f7f8fa;border:1px solid #e3e7ec;border-top:0;border-radius:4px">${documents}</table>`
  }${tops}${traces(evidence.traceIds)}`;
}

function logTable(logs: readonly LogLine[]): Html | undefined {
  if (logs.length === 0) return undefined;
  const rows = logs.map(
    (line) =>
      html`<tr><td width="70" style="padding:6px 10px;vertical-align:top;font-size:12px;line-height:18px;color:#6b7480;white-space:nowrap;border-top:1px solid #e3e7ec;border-left:3px solid ${levelColor(line)};${raw(MONO)}">${clockTime(line.at).slice(11, 19)}</td><td style="padding:6px 10px 6px 0;vertical-align:top;font-size:12px;line-height:18px;border-top:1px solid #e3e7ec;word-break:break-word;${raw(MONO)}">${logHead(line)}${lined(line.text)}</td></tr>`,
  );
  return html`<div style="margin:18px 0 6px;font-size:13px;line-height:19px;font-weight:600">${LABELS.logs}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f7f8fa;border:1px solid #e3e7ec;border-top:0;border-radius:4px">${rows}</table>`;
}

function logHead(line: LogLine): readonly Html[] {
  const { level, service, count } = line;
  return [
    ...(level === '' ? [] : [html`<b style="color:${levelColor(line)}">${level.toUpperCase()}</b> `]),
    ...(service === '' ? [] : [html`<span style="color:#6b7480">${service}</span> `]),
    ...(count < 2 ? [] : [html`<span style="color:#6b7480">(${count} times)</span> `]),
  ];
}

function levelColor(line: LogLine): string {
  if (isAlarming(line)) return '#c62828';
  return /^warn/i.test(line.level) ? '#9a6700' : '#6b7480';
}

function fieldLines(fields: Readonly<Record<string, string>>): readonly Html[] {
  const entries = Object.entries(fields);
  return entries.map(([name, text], index) => {
    const end =
      index === entries.length - 1
        ? undefined
        : html`<br>
`;
    return name === 'message'
      ? html`${lined(text)}${end}`
      : html`<span style="color:#6b7480">${name}</span> ${lined(text)}${end}`;
  });
}

function traces(ids: readonly string[]): Html | undefined {
  if (ids.length === 0) return undefined;
  return html`<div style="margin:10px 0 0;font-size:13px;line-height:19px"><span style="color:#6b7480">${LABELS.traces}</span> <span style="${raw(MONO)};word-break:break-word">${ids.join(' ')}</span></div>`;
}

function linkRow(links: readonly Link[], color: string): Html | undefined {
  const distinct = links.filter((link, index) => links.findIndex((other) => other.url === link.url) === index);
  if (distinct.length === 0) return undefined;
  const buttons = distinct.map(
    (link, index) =>
      html`<a href="${link.url}" style="display:inline-block;margin:0 8px 8px 0;padding:8px 14px;border:1px solid ${color};border-radius:4px;font-size:14px;line-height:18px;text-decoration:none;${index === 0 ? 'background:' : 'color:'}${color}${index === 0 ? ';color:#ffffff' : ''}">${link.label}</a>`,
  );
  return html`<tr><td style="padding:4px 28px 16px">${buttons}</td></tr>`;
}

function noteRows(notes: readonly string[]): readonly Html[] {
  return notes.map(
    (note) =>
      html`<tr><td style="padding:0 28px 12px"><div style="padding:8px 12px;background:#fff8e6;border-left:3px solid #e0a800;font-size:13px;line-height:19px;word-break:break-word">${note}</div></td></tr>`,
  );
}
