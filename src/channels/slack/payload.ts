import type { JsonObject } from '../../core/json.ts';
import { andMore, LABELS } from '../../messages/labels.ts';
import type { Evidence, Link, LogLine, Message, MessageAlert } from '../../messages/message.ts';
import { onlyAlert } from '../../messages/summary.ts';
import { headline } from '../../messages/title.ts';
import {
  alertState,
  appearance,
  briefFacts,
  clockTime,
  groupLine,
  logOrigin,
  notificationLine,
  overallStatus,
  whySent,
} from '../../messages/wording.ts';
import { oneLine } from '../clean-text.ts';
import { fitted } from '../fitted.ts';
import { type SeveralTexts, severalTexts, textsOf } from '../several-texts.ts';
import { context, fieldSections, header, joined, lines, mrkdwn, plain, type SlackBlock, section } from './blocks.ts';
import { bold, codeBlock, inlineCode, SLACK_LIMITS, slackLink, slackText, words } from './mrkdwn.ts';

const MAX_CHARACTERS = 30_000;

/**
 * A message as the body of an incoming webhook: a header, and an attachment in the colour of the severity. `text` is what notifications on
 * phones show. At most 50 blocks and 30,000 characters of JSON; what does not fit is named, never silently gone.
 */
export function slackPayload(message: Message): JsonObject {
  const { sign, color } = appearance(overallStatus(message), message.severity);
  const title = `${sign} ${headline(message.title)}`;
  const blocks = fitted(
    message,
    bodyBlocks,
    (body) => body.length < SLACK_LIMITS.blocks && JSON.stringify(body).length <= MAX_CHARACTERS,
  );
  return {
    text: slackText(`${title}: ${whySent(message)}`, 500),
    blocks: [header(title)],
    attachments: [{ color, fallback: slackText(title, 500), blocks }],
  };
}

function bodyBlocks(message: Message): readonly SlackBlock[] {
  const single = onlyAlert(message);
  return [
    context([bold(whySent(message)), inlineCode(message.severity, 50), words(`to ${message.receiver}`, 120)]),
    ...paragraph(message.text),
    ...(single === undefined ? severalAlerts(message) : singleAlert(single, message.text)),
    ...(message.more > 0 ? [context([andMore(message.more)])] : []),
    ...linkLine([...message.links, ...(single?.links ?? [])]),
    ...message.notes.map((note) => context([`${LABELS.note}: ${inlineCode(note, 300)}`])),
  ];
}

function paragraph(text: string | undefined): readonly SlackBlock[] {
  return text === undefined || text === '' ? [] : [section(plain(text, SLACK_LIMITS.section))];
}

function singleAlert(alert: MessageAlert, shown: string | undefined): readonly SlackBlock[] {
  const group = Object.entries(alert.group).map(([label, value]) => ({ label, value: inlineCode(value, 300) }));
  const facts = alert.facts.map(({ label, value }) => ({ label, value: inlineCode(value, 300) }));
  return [
    ...textsOf(alert).flatMap((text) => (text === shown ? [] : paragraph(text))),
    ...fieldSections([...group, ...facts].slice(0, 2 * SLACK_LIMITS.fields)),
    ...evidenceBlocks(alert.evidence),
  ];
}

function severalAlerts(message: Message): readonly SlackBlock[] {
  const texts = severalTexts(message);
  const common = texts.common.map(({ text, rules }) => (rules === undefined ? text : `${rules}: ${text}`));
  return [...paragraph(common.join('\n\n')), ...message.alerts.flatMap((alert) => oneOfSeveral(alert, texts))];
}

function oneOfSeveral(alert: MessageAlert, texts: SeveralTexts): readonly SlackBlock[] {
  const { sign } = appearance(alert.status, alert.severity);
  const facts = briefFacts(alert, texts.condition).map(({ label, value }) => `${words(label, 60)} ${inlineCode(value, 120)}`);
  const group = groupLine(alert.group);
  const line = notificationLine(alert.evidence?.logs ?? []);
  return [
    // One block for both: a message has 50 of them, and about twenty alerts.
    section(lines([[`${sign} ${alert.title}`, 300], ...texts.ownOf(alert).map((text) => [text, text.length] as const)])),
    context([
      words(alertState(alert), 200),
      ...(group === '' ? [] : [inlineCode(group, 300)]),
      ...facts,
      ...links(alert.links.slice(0, 3)),
    ]),
    ...(line === undefined ? [] : [section(mrkdwn(inlineCode(`${logOrigin(line)}  ${line.text}`, 300)))]),
  ];
}

function evidenceBlocks(evidence: Evidence | undefined): readonly SlackBlock[] {
  if (evidence === undefined) return [];
  const lines = evidence.documents.map(({ at, fields }) => `${clockTime(at).slice(11, 19)}  ${fieldsLine(fields)}`);
  const tops = evidence.top.map(({ field, values }) => {
    const counts = values.slice(0, 5).map(({ value, count }) => `${inlineCode(value, 80)} ${count}`);
    return `${bold(LABELS.top)} ${inlineCode(field, 80)}: ${joined(counts, ', ', 600)}`;
  });
  return [
    ...logBlocks(evidence.logs),
    ...(lines.length === 0 ? [] : [section(mrkdwn(codeBlock(lines.join('\n'), SLACK_LIMITS.section)))]),
    ...(tops.length === 0 ? [] : [section(mrkdwn(joined(tops, '\n', SLACK_LIMITS.section)))]),
    ...(evidence.traceIds.length === 0
      ? []
      : [context([`${LABELS.traces}: ${evidence.traceIds.map((id) => inlineCode(id, 64)).join(' ')}`])]),
  ];
}

function logBlocks(logs: readonly LogLine[]): readonly SlackBlock[] {
  if (logs.length === 0) return [];
  const lines = logs.map((line) => {
    const [head = '', ...rest] = line.text.split('\n');
    const said = [clockTime(line.at).slice(11, 19), logOrigin(line), oneLine(head, 400)].filter((part) => part !== '').join('  ');
    return [said, ...rest.map((more) => `    ${oneLine(more, 200)}`)].join('\n');
  });
  return [section(mrkdwn(`${bold(LABELS.logs)}\n${codeBlock(lines.join('\n'), SLACK_LIMITS.section - 100)}`))];
}

/** The message field alone reads best; other fields are named. */
function fieldsLine(fields: Readonly<Record<string, string>>): string {
  const parts = Object.entries(fields).map(([name, text]) =>
    name === 'message' ? oneLine(text, 400) : `${name}=${oneLine(text, 200)}`,
  );
  return parts.join('  ');
}

/** Links in text, not buttons: a button sends an interaction to the app behind the webhook, which nobody answers. */
function linkLine(all: readonly Link[]): readonly SlackBlock[] {
  const distinct = all.filter((link, index) => all.findIndex((other) => other.url === link.url) === index);
  const text = joined(links(distinct), '  |  ', SLACK_LIMITS.section);
  return text === '' ? [] : [section(mrkdwn(text))];
}

function links(all: readonly Link[]): readonly string[] {
  return all.map((link) => slackLink(link.label, link.url));
}
