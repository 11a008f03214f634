import { escapeHtml } from '../../core/html-text.ts';
import { andMore, LABELS, sentTo } from '../../messages/labels.ts';
import type { Evidence, Fact, Link, LogLine, Message, MessageAlert, MessageChart } from '../../messages/message.ts';
import { commonLimit, rowFacts, rowName, smallPrint, unnamedGroup } from '../../messages/rows.ts';
import { briefState, firstLine, leadSentence } from '../../messages/sentence.ts';
import { onlyAlert } from '../../messages/summary.ts';
import { momentText, type Phrase, type Reader, written } from '../../messages/when.ts';
import { appearance, clockTime, isAlarming, mainLogLine, overallStatus } from '../../messages/wording.ts';
import type { Markup, MarkupPart } from '../../templates/markup.ts';
import { oneLine } from '../clean-text.ts';
import { type SeveralTexts, severalTexts, textsOf } from '../several-texts.ts';
import { type Html, lined, mailHtml } from './html.ts';
import { STYLE_SHEET, toneOf } from './style.ts';

// Mail clients know tables and inline styles; most drop style sheets, and some drop what they do not know with all that follows.
const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONO = "font-family:SFMono-Regular,Consolas,'Liberation Mono',Menlo,monospace";
const SMALL = 'margin:2px 0 0;font-size:13px;line-height:19px;word-break:break-word';
const CELL = 'padding:6px 12px 6px 0;vertical-align:top;font-size:14px;line-height:20px';

/** The HTML part of a mail: a bar in the colour of the severity, what is wrong and how bad, the facts, sample documents, links, and the small print. */
export function htmlBody(message: Message, chart?: InlineChart): string {
  const single = onlyAlert(message);
  const status = single?.status ?? overallStatus(message);
  const { color } = appearance(status, message.severity);
  const texts = severalTexts(message);
  const content = single === undefined ? severalAlerts(message, texts) : [singleAlert(single, message.text, texts)];
  return page(
    message,
    mailHtml`
<tr><td style="height:6px;background:${color};font-size:0;line-height:0">&nbsp;</td></tr>
<tr><td class="pad" style="padding:24px 28px 8px">
<div class="ink" style="font-size:21px;line-height:28px;font-weight:600;color:#1b1f24;word-break:break-word">${firstLine(message)}</div>
<div class="soft" style="margin:6px 0 0;font-size:15px;line-height:22px;color:#3b434d;word-break:break-word">${sentenceHtml(leadSentence(message), message)}</div>
${paragraph(message.text, message.markup)}
</td></tr>
${chartRow(chart)}${content}
${linkRow([...(single?.links ?? []), ...message.links], color)}
${noteRows(message.notes)}
${smallRow(smallPrint(message))}`,
  );
}

/** The chart of a message, as the part of the mail that holds it is called. */
export interface InlineChart extends MessageChart {
  readonly cid: string;
}

function chartRow(chart: InlineChart | undefined): Html | undefined {
  if (chart === undefined) return undefined;
  const { cid, text, width } = chart;
  return mailHtml`<tr><td class="pad" style="padding:8px 28px 6px"><img src="cid:${cid}" width="${String(width)}" alt="${text}" style="display:block;width:100%;max-width:${String(width)}px;height:auto;border:0;border-radius:6px;font-size:13px;line-height:19px;color:#6b7480"></td></tr>`;
}

function page(message: Message, rows: Html): string {
  return mailHtml`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${firstLine(message)}</title>${STYLE_SHEET}</head>
<body class="bg" style="margin:0;padding:0;background:#f2f4f7">
<div style="display:none;max-height:0;overflow:hidden">${written(leadSentence(message), message)}</div>
<table class="bg" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f2f4f7"><tr><td align="center" style="padding:24px 12px">
<table class="card" role="presentation" width="640" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:640px;background:#ffffff;border:1px solid #dfe3e8;border-radius:8px;overflow:hidden;${raw(FONT)};color:#1b1f24;text-align:left">
${rows}
<tr><td class="dim line pad" style="padding:12px 28px 20px;border-top:1px solid #eceff2;font-size:12px;line-height:18px;color:#6b7480">${sentTo(message.receiver)} · ${clockTime(message.at)}</td></tr>
</table></td></tr></table></body></html>
`.html;
}

/** Our own styles hold quotes that must not be escaped twice; never given a text from outside. */
function raw(style: typeof FONT | typeof MONO): Html {
  return { html: style };
}

function sentenceHtml(phrase: Phrase, reader: Reader): readonly Html[] {
  return phrase.map((part) => {
    if (typeof part === 'string') return mailHtml`${part}`;
    return 'strong' in part
      ? mailHtml`<b class="ink" style="color:#1b1f24">${part.strong}</b>`
      : mailHtml`${momentText(part, reader)}`;
  });
}

function paragraph(text: string | undefined, markup?: Markup): Html | undefined {
  if (text === undefined || text === '') return undefined;
  return mailHtml`<div class="soft" style="margin:10px 0 0;font-size:15px;line-height:22px;color:#3b434d;word-break:break-word">${markup === undefined ? lined(text) : markupHtml(markup)}</div>`;
}

/** A rule's text with the formatting that the rule gives it. */
function markupHtml(markup: Markup): Html {
  const lines = markup.map(({ item, parts }) => mailHtml`${item ? '• ' : ''}${parts.map(partHtml)}`);
  return { html: lines.map((line) => line.html).join('<br>\n') };
}

function plainMarkup(text: string): Markup {
  return [{ item: false, parts: [text] }];
}

function partHtml(part: MarkupPart): Html {
  // Not `lined`: the blanks beside formatted words are not indentation.
  if (typeof part === 'string') return { html: part.split('\n').map(escapeHtml).join('<br>\n') };
  if ('bold' in part) return mailHtml`<b>${part.bold}</b>`;
  if ('code' in part)
    return mailHtml`<span class="box" style="background:#f7f8fa;padding:0 3px;${raw(MONO)}">${part.code}</span>`;
  if ('mention' in part) return mailHtml`<b>@${part.mention}</b>`;
  return mailHtml`<a class="link" href="${part.url}" style="color:#1565c0">${part.link}</a>`;
}

function singleAlert(alert: MessageAlert, shown: string | undefined, texts: SeveralTexts): Html {
  return mailHtml`<tr><td class="pad" style="padding:4px 28px 16px">
${textsOf(alert).flatMap((text) => (text === shown ? [] : (paragraph(text, texts.markupOf(text)) ?? [])))}
${factTable([...unnamedGroup(alert), ...alert.facts])}
${evidencePart(alert.evidence)}</td></tr>`;
}

function factTable(facts: readonly Fact[]): Html | undefined {
  if (facts.length === 0) return undefined;
  const rows = facts.map(
    ({ label, value }) =>
      mailHtml`<tr><td class="dim line" width="38%" style="${CELL};color:#6b7480;border-top:1px solid #eceff2;word-break:break-word">${label}</td><td class="line" style="${CELL};border-top:1px solid #eceff2;word-break:break-word">${value}</td></tr>`,
  );
  return mailHtml`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:10px 0 0;border-collapse:collapse">${rows}</table>`;
}

/** A table of the alerts, worst first: what each is called, its numbers, and since when. */
function severalAlerts(message: Message, texts: SeveralTexts): readonly Html[] {
  const limit = commonLimit(message);
  const rows = message.alerts.map((alert) => row(alert, message, { texts, limit }));
  const head =
    limit === undefined
      ? undefined
      : mailHtml`<tr><td class="dim" colspan="2" style="padding:0 0 6px;font-size:13px;line-height:19px;color:#6b7480">${limit}</td></tr>`;
  const common = texts.common.map(({ text, rules }) =>
    rules === undefined ? commonText(text, texts.markupOf(text)) : commonText(`${rules}: ${text}`),
  );
  const table = mailHtml`<tr><td class="pad" style="padding:2px 28px 12px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">${head}${rows}</table></td></tr>`;
  const more = mailHtml`<tr><td class="dim pad" style="padding:0 28px 14px;font-size:14px;color:#6b7480">${andMore(message.more)}</td></tr>`;
  return [...common, table, ...(message.more > 0 ? [more] : [])];
}

function commonText(text: string, markup?: Markup): Html {
  return mailHtml`<tr><td class="soft pad" style="padding:0 28px 10px;font-size:15px;line-height:22px;color:#3b434d;word-break:break-word">${markup === undefined ? lined(text) : markupHtml(markup)}</td></tr>
`;
}

interface RowTexts {
  readonly texts: SeveralTexts;
  readonly limit: string | undefined;
}

function row(alert: MessageAlert, message: Message, { texts, limit }: RowTexts): Html {
  const { color } = appearance(alert.status, alert.severity);
  const { measured } = alert;
  const own = texts
    .ownOf(alert)
    .map(
      (text) =>
        mailHtml`<div class="soft" style="${SMALL};color:#3b434d">${markupHtml(texts.markupOf(text) ?? plainMarkup(text))}</div>`,
    );
  const links = alert.links
    .slice(0, 4)
    .map((link) => mailHtml`<a class="link" href="${link.url}" style="color:#1565c0">${link.label}</a>&nbsp; `);
  const numbers = measured === undefined ? undefined : mailHtml`<b>${measured.value}</b>`;
  const bound =
    measured?.limit === undefined || limit !== undefined
      ? undefined
      : mailHtml`<div class="dim" style="${SMALL};color:#6b7480">${measured.limit}</div>`;
  return mailHtml`<tr><td class="line row" style="padding:8px 12px 8px 10px;border-top:1px solid #eceff2;border-left:4px solid ${color};vertical-align:top">
<div style="font-size:14px;line-height:20px;font-weight:600;word-break:break-word">${rowName(alert, message)}</div>
<div class="${toneOf(color)}" style="${SMALL};color:${color}">${alert.status === 'firing' || alert.status === 'event' ? `${alert.severity}, ` : ''}${sentenceHtml(briefState(alert, message), message)}</div>
${own}${logBrief(mainLogLine(alert.evidence?.logs ?? []))}<div style="${SMALL}">${links}</div></td>
<td class="line stack" width="38%" style="padding:8px 0;border-top:1px solid #eceff2;vertical-align:top;font-size:14px;line-height:20px;word-break:break-word">${numbers}${bound}<div style="${SMALL}">${factLine(rowFacts(alert, message))}</div></td></tr>`;
}

function logBrief(line: LogLine | undefined): Html | undefined {
  return line === undefined
    ? undefined
    : mailHtml`<div style="${SMALL};${raw(MONO)}">${logHead(line)}${oneLine(line.text, 300)}</div>`;
}

function factLine(facts: readonly Fact[]): Html | undefined {
  if (facts.length === 0) return undefined;
  const parts = facts.map(
    ({ label, value }, index) =>
      mailHtml`${index === 0 ? '' : ' · '}<span class="dim" style="color:#6b7480">${label}</span> ${value}`,
  );
  return mailHtml`${parts}<br>`;
}

/** Raw names, ids and exact times: last, and small. */
function smallRow(facts: readonly Fact[]): Html {
  const shown = facts.filter(({ label }) => label !== 'to');
  if (shown.length === 0) return mailHtml``;
  const parts = shown.map(({ label, value }) => mailHtml`<span class="dim" style="color:#8a939e">${label}</span> ${value}<br>`);
  return mailHtml`<tr><td class="dim pad" style="padding:4px 28px 14px;font-size:12px;line-height:18px;color:#6b7480;word-break:break-word">${parts}</td></tr>`;
}

function evidencePart(evidence: Evidence | undefined): Html | undefined {
  if (evidence === undefined) return undefined;
  const documents = evidence.documents.map(
    ({ at, fields }) =>
      mailHtml`<tr><td class="dim line" width="70" style="padding:6px 10px;vertical-align:top;font-size:12px;line-height:18px;color:#6b7480;white-space:nowrap;border-top:1px solid #e3e7ec;${raw(MONO)}">${clockTime(at).slice(11, 19)}</td><td class="line" style="padding:6px 10px 6px 0;vertical-align:top;font-size:12px;line-height:18px;border-top:1px solid #e3e7ec;word-break:break-word;${raw(MONO)}">${fieldLines(fields)}</td></tr>`,
  );
  const tops = evidence.top.map(
    ({ field, values }) =>
      mailHtml`<div style="margin:10px 0 0;font-size:13px;line-height:19px"><span class="dim" style="color:#6b7480">${LABELS.top} ${field}</span><br>${values.map(({ value, count }) => mailHtml`<span style="${raw(MONO)};word-break:break-word">${value}</span> <b>${count}</b><br>`)}</div>`,
  );
  return mailHtml`${logTable(evidence.logs)}${
    documents.length === 0
      ? undefined
      : mailHtml`<div style="margin:18px 0 6px;font-size:13px;line-height:19px;font-weight:600">${LABELS.documents}</div>
<table class="box" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f7f8fa;border:1px solid #e3e7ec;border-top:0;border-radius:4px">${documents}</table>`
  }${tops}${traces(evidence.traceIds)}`;
}

function logTable(logs: readonly LogLine[]): Html | undefined {
  if (logs.length === 0) return undefined;
  const rows = logs.map(
    (line) =>
      mailHtml`<tr><td class="dim line" width="70" style="padding:6px 10px;vertical-align:top;font-size:12px;line-height:18px;color:#6b7480;white-space:nowrap;border-top:1px solid #e3e7ec;border-left:3px solid ${levelColor(line)};${raw(MONO)}">${clockTime(line.at).slice(11, 19)}</td><td class="line" style="padding:6px 10px 6px 0;vertical-align:top;font-size:12px;line-height:18px;border-top:1px solid #e3e7ec;word-break:break-word;${raw(MONO)}">${logHead(line)}${lined(line.text)}</td></tr>`,
  );
  return mailHtml`<div style="margin:18px 0 6px;font-size:13px;line-height:19px;font-weight:600">${LABELS.logs}</div>
<table class="box" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f7f8fa;border:1px solid #e3e7ec;border-top:0;border-radius:4px">${rows}</table>`;
}

function logHead(line: LogLine): readonly Html[] {
  const { level, service, count } = line;
  return [
    ...(level === ''
      ? []
      : [mailHtml`<b class="${toneOf(levelColor(line))}" style="color:${levelColor(line)}">${level.toUpperCase()}</b> `]),
    ...(service === '' ? [] : [mailHtml`<span class="dim" style="color:#6b7480">${service}</span> `]),
    ...(count < 2 ? [] : [mailHtml`<span class="dim" style="color:#6b7480">(${count} times)</span> `]),
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
        : mailHtml`<br>
`;
    return name === 'message'
      ? mailHtml`${lined(text)}${end}`
      : mailHtml`<span class="dim" style="color:#6b7480">${name}</span> ${lined(text)}${end}`;
  });
}

function traces(ids: readonly string[]): Html | undefined {
  if (ids.length === 0) return undefined;
  return mailHtml`<div style="margin:10px 0 0;font-size:13px;line-height:19px"><span class="dim" style="color:#6b7480">${LABELS.traces}</span> <span style="${raw(MONO)};word-break:break-word">${ids.join(' ')}</span></div>`;
}

function linkRow(links: readonly Link[], color: string): Html | undefined {
  const distinct = links.filter((link, index) => links.findIndex((other) => other.url === link.url) === index);
  if (distinct.length === 0) return undefined;
  const buttons = distinct.map(
    (link, index) =>
      mailHtml`<a class="${index === 0 ? '' : toneOf(color)}" href="${link.url}" style="display:inline-block;margin:0 8px 8px 0;padding:8px 14px;border:1px solid ${color};border-radius:4px;font-size:14px;line-height:18px;text-decoration:none;${index === 0 ? 'background:' : 'color:'}${color}${index === 0 ? ';color:#ffffff' : ''}">${link.label}</a>`,
  );
  return mailHtml`<tr><td class="pad" style="padding:4px 28px 16px">${buttons}</td></tr>`;
}

function noteRows(notes: readonly string[]): readonly Html[] {
  return notes.map(
    (note) =>
      mailHtml`<tr><td class="pad" style="padding:0 28px 12px"><div class="note" style="padding:8px 12px;background:#fff8e6;border-left:3px solid #e0a800;font-size:13px;line-height:19px;word-break:break-word">${note}</div></td></tr>`,
  );
}
