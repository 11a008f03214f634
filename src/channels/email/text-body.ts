import { andMore, LABELS, sentTo } from '../../messages/labels.ts';
import { inFull } from '../../messages/measured.ts';
import type { Evidence, Fact, LogLine, Message, MessageAlert } from '../../messages/message.ts';
import { commonLimit, rowFacts, rowName, smallPrint, unnamedGroup } from '../../messages/rows.ts';
import { briefState, firstLine, leadSentence } from '../../messages/sentence.ts';
import { onlyAlert } from '../../messages/summary.ts';
import { written } from '../../messages/when.ts';
import { clockTime, logOrigin, mainLogLine } from '../../messages/wording.ts';
import { oneLine } from '../clean-text.ts';
import { type SeveralTexts, severalTexts, textsOf } from '../several-texts.ts';

/** The text part of a mail: the same as the HTML part, for readers and programs without HTML. */
export function textBody(message: Message): string {
  const single = onlyAlert(message);
  const texts = severalTexts(message);
  const links = [...(single?.links ?? []), ...message.links];
  const blocks = [
    [firstLine(message), written(leadSentence(message), message)],
    lines(message.text),
    ...(single === undefined ? severalAlerts(message, texts) : singleAlert(single, message.text)),
    message.more > 0 ? [andMore(message.more)] : [],
    links.map((link) => `${link.label}: ${link.url}`),
    message.notes.map((note) => `${LABELS.note}: ${note}`),
    smallPrint(message)
      .filter(({ label }) => label !== 'to')
      .map(factLine),
  ];
  const filled = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  // Two hyphens and a space begin a signature, which answers leave out.
  return `${filled.join('\n\n')}\n\n-- \n${sentTo(message.receiver)}, ${clockTime(message.at)}\n`;
}

function lines(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [text];
}

function singleAlert(alert: MessageAlert, shown: string | undefined): readonly (readonly string[])[] {
  return [
    ...textsOf(alert).map((text) => (text === shown ? [] : [text])),
    [...unnamedGroup(alert), ...alert.facts].map(factLine),
    ...evidenceBlocks(alert.evidence),
  ];
}

function severalAlerts(message: Message, texts: SeveralTexts): readonly (readonly string[])[] {
  const limit = commonLimit(message);
  return [
    ...texts.common.map(({ text, rules }) => [rules === undefined ? text : `${rules}: ${text}`]),
    ...(limit === undefined ? [] : [[limit]]),
    ...message.alerts.map((alert) => oneOfSeveral(alert, message, { texts, limit })),
  ];
}

interface RowTexts {
  readonly texts: SeveralTexts;
  readonly limit: string | undefined;
}

function oneOfSeveral(alert: MessageAlert, message: Message, { texts, limit }: RowTexts): readonly string[] {
  const line = mainLogLine(alert.evidence?.logs ?? []);
  const { measured } = alert;
  const state = written(briefState(alert, message), message);
  const isNow = alert.status === 'firing' || alert.status === 'event';
  const numbers = measured === undefined ? [] : [limit === undefined ? inFull(measured) : measured.value];
  return [
    `* ${[rowName(alert, message), ...numbers].join(' · ')}`,
    `  ${isNow ? `${alert.severity}, ` : ''}${state}`,
    ...texts.ownOf(alert).map((text) => `  ${text.replaceAll('\n', '\n  ')}`),
    ...rowFacts(alert, message).map((fact) => `  ${factLine(fact)}`),
    ...(line === undefined ? [] : [`  ${LABELS.log}: ${logOrigin(line)}  ${oneLine(line.text, 300)}`]),
    ...alert.links.slice(0, 4).map((link) => `  ${link.label}: ${link.url}`),
  ];
}

function logLine(line: LogLine): string {
  const origin = logOrigin(line);
  return `${clockTime(line.at)}${origin === '' ? '' : `  ${origin}`}  ${line.text.replaceAll('\n', '\n    ')}`;
}

function factLine(fact: Fact): string {
  return `${fact.label}: ${fact.value}`;
}

function evidenceBlocks(evidence: Evidence | undefined): readonly (readonly string[])[] {
  if (evidence === undefined) return [];
  const documents = evidence.documents.map(({ at, fields }) => {
    const parts = Object.entries(fields).map(([name, text]) => (name === 'message' ? text : `${name}=${text}`));
    return `  ${clockTime(at)}  ${parts.join('  ').replaceAll('\n', '\n    ')}`;
  });
  const tops = evidence.top.map(
    ({ field, values }) => `${LABELS.top} ${field}: ${values.map(({ value, count }) => `${value} (${count})`).join(', ')}`,
  );
  return [
    evidence.logs.length === 0 ? [] : [`${LABELS.logs}:`, ...evidence.logs.map((line) => `  ${logLine(line)}`)],
    documents.length === 0 ? [] : [`${LABELS.documents}:`, ...documents],
    tops,
    evidence.traceIds.length === 0 ? [] : [`${LABELS.traces}: ${evidence.traceIds.join(' ')}`],
  ];
}
