import type { JsonObject } from '../../core/json.ts';
import { andMore, LABELS } from '../../messages/labels.ts';
import type { Evidence, Fact, Link, LogLine, Message, MessageAlert } from '../../messages/message.ts';
import { commonLimit, rowFacts, rowName, smallPrint, unnamedGroup } from '../../messages/rows.ts';
import { briefState, firstLine, leadSentence } from '../../messages/sentence.ts';
import { onlyAlert } from '../../messages/summary.ts';
import { written } from '../../messages/when.ts';
import { appearance, clockTime, logOrigin, mainLogLine, overallStatus } from '../../messages/wording.ts';
import { oneLine } from '../clean-text.ts';
import { fitted } from '../fitted.ts';
import { type SeveralTexts, severalTexts, textsOf } from '../several-texts.ts';
import { context, fieldSections, header, mrkdwn, plain, type SlackBlock, section } from './blocks.ts';
import {
  bold,
  codeBlock,
  inlineCode,
  joined,
  markupMrkdwn,
  SLACK_LIMITS,
  sentenceMrkdwn,
  slackLink,
  slackText,
  words,
} from './mrkdwn.ts';

const MAX_CHARACTERS = 30_000;
/** The Web API refuses blocks of more than about 13,200 characters together (`msg_blocks_too_long`): https://github.com/slackapi/bolt-js/issues/2509. */
export const MOST_FOR_APPS = 12_000;
/** Characters of what one of several alerts has beside its links. */
const ROW = 900;

/** How much a message may have. */
interface MostOfSlack {
  readonly characters: number;
  readonly blocks: number;
}

/**
 * A message as the body of an incoming webhook: a header, and an attachment in the colour of the severity. `text` is what notifications on
 * phones show. At most so many blocks and characters of JSON; what does not fit is named, never silently gone.
 */
export function slackPayload(
  message: Message,
  most: MostOfSlack = { characters: MAX_CHARACTERS, blocks: SLACK_LIMITS.blocks },
): JsonObject {
  const { sign, color } = appearance(overallStatus(message), message.severity);
  const title = `${sign} ${firstLine(message)}`;
  const blocks = fitted(
    message,
    bodyBlocks,
    (body) => body.length < most.blocks && JSON.stringify(body).length <= most.characters,
  );
  return {
    text: slackText(`${title} – ${written(leadSentence(message), message)}`, 500),
    blocks: [header(title)],
    attachments: [{ color, fallback: slackText(title, 500), blocks }],
  };
}

function bodyBlocks(message: Message): readonly SlackBlock[] {
  const single = onlyAlert(message);
  const texts = severalTexts(message);
  return [
    section(mrkdwn(sentenceMrkdwn(leadSentence(message), message))),
    ...(message.text === undefined ? [] : ruleText(message.text, message, texts)),
    ...(single === undefined ? severalAlerts(message, texts) : singleAlert(single, message, texts)),
    ...(message.more > 0 ? [context([andMore(message.more)])] : []),
    ...linkLine([...message.links, ...(single?.links ?? [])]),
    ...message.notes.map((note) => context([`${LABELS.note}: ${inlineCode(note, 300)}`])),
    context(smallPrint(message).map(smallPart)),
  ];
}

/** What was found about the alerts of a message, as far as it fits into one. */
export function slackEvidence(message: Message): readonly SlackBlock[] {
  const single = onlyAlert(message);
  if (single !== undefined) return evidenceBlocks(single.evidence);
  const blocks = message.alerts.flatMap((alert) => {
    const found = evidenceBlocks(alert.evidence);
    return found.length === 0 ? [] : [section(mrkdwn(bold(rowName(alert, message)))), ...found];
  });
  const fits = (count: number) => JSON.stringify(blocks.slice(0, count)).length <= MOST_FOR_APPS;
  let count = Math.min(blocks.length, SLACK_LIMITS.blocks);
  while (!fits(count)) count -= 1;
  return blocks.slice(0, count);
}

function smallPart({ label, value }: Fact): string {
  return `${words(label, 60)} ${inlineCode(value, 300)}`;
}

function paragraph(text: string | undefined): readonly SlackBlock[] {
  return text === undefined || text === '' ? [] : [section(plain(text, SLACK_LIMITS.section))];
}

/** A rule's text: as plain text, in which Slack reads no formatting, unless the rule formats it. */
function ruleText(text: string, { mentions = {} }: Message, { markupOf }: SeveralTexts): readonly SlackBlock[] {
  const markup = markupOf(text);
  if (markup === undefined) return paragraph(text);
  const formatted = markupMrkdwn(markup, mentions, SLACK_LIMITS.section);
  return formatted === '' ? paragraph(text) : [section(mrkdwn(formatted))];
}

function singleAlert(alert: MessageAlert, message: Message, texts: SeveralTexts): readonly SlackBlock[] {
  const facts = [...unnamedGroup(alert), ...alert.facts];
  return [
    ...textsOf(alert).flatMap((text) => (text === message.text ? [] : ruleText(text, message, texts))),
    ...factBlocks(facts),
    ...evidenceBlocks(alert.evidence),
  ];
}

/** A few facts on one line, more of them in two columns. */
function factBlocks(facts: readonly Fact[]): readonly SlackBlock[] {
  const shown = facts.slice(0, 2 * SLACK_LIMITS.fields).map(({ label, value }) => ({ label, value: inlineCode(value, 300) }));
  if (shown.length > 2) return fieldSections(shown);
  const parts = shown.map(({ label, value }) => `${bold(label)} ${value}`);
  return parts.length === 0 ? [] : [section(mrkdwn(joined(parts, ' · ', SLACK_LIMITS.field)))];
}

function severalAlerts(message: Message, texts: SeveralTexts): readonly SlackBlock[] {
  const limit = commonLimit(message);
  const rows = message.alerts.map((alert) => row(alert, message, { texts, limit }));
  return [
    ...texts.common.flatMap(({ text, rules }) =>
      rules === undefined ? ruleText(text, message, texts) : paragraph(`${rules}: ${text}`),
    ),
    ...(limit === undefined ? [] : [context([words(limit, 200)])]),
    ...packed(rows).map((text) => section(mrkdwn(text))),
  ];
}

interface RowTexts {
  readonly texts: SeveralTexts;
  readonly limit: string | undefined;
}

/** One of several alerts: its name and its numbers, when it began, what only it has to say, and links. */
function row(alert: MessageAlert, message: Message, { texts, limit }: RowTexts): string {
  const { sign } = appearance(alert.status, alert.severity);
  const { measured } = alert;
  const numbers = [
    ...(measured === undefined ? [] : [words(measured.value, 200)]),
    ...(measured?.limit === undefined || limit !== undefined ? [] : [words(measured.limit, 100)]),
    ...rowFacts(alert, message).map(({ label, value }) => `${words(label, 60)} ${inlineCode(value, 120)}`),
  ];
  const line = mainLogLine(alert.evidence?.logs ?? []);
  const state = sentenceMrkdwn(briefState(alert, message), message);
  const lines = [
    joined([`${sign} ${bold(rowName(alert, message))}`, ...numbers, state], ' · ', ROW),
    ...texts.ownOf(alert).map((text) => ownText(text, message, texts)),
    ...(line === undefined ? [] : [inlineCode(`${logOrigin(line)}  ${line.text}`, 300)]),
  ];
  const shown = joined(lines, '\n', 2 * ROW);
  return joined([shown, ...links(alert.links.slice(0, 3))], ' · ', SLACK_LIMITS.section);
}

function ownText(text: string, { mentions = {} }: Message, { markupOf }: SeveralTexts): string {
  const markup = markupOf(text);
  const formatted = markup === undefined ? '' : markupMrkdwn(markup, mentions, ROW);
  return `> ${(formatted === '' ? words(text, ROW) : formatted).replaceAll('\n', '\n> ')}`;
}

/** Rows below each other in as few sections as they fit in whole. */
function packed(rows: readonly string[]): readonly string[] {
  const sections: string[] = [];
  for (const text of rows) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + text.length < SLACK_LIMITS.section)
      sections[sections.length - 1] = `${last}\n${text}`;
    else sections.push(text);
  }
  return sections;
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

/** Links in text, not buttons: a button sends an interaction to the app behind the webhook, which does not answer. */
function linkLine(all: readonly Link[]): readonly SlackBlock[] {
  const distinct = all.filter((link, index) => all.findIndex((other) => other.url === link.url) === index);
  const text = joined(links(distinct), '  |  ', SLACK_LIMITS.section);
  return text === '' ? [] : [section(mrkdwn(text))];
}

function links(all: readonly Link[]): readonly string[] {
  return all.map((link) => slackLink(link.label, link.url));
}
