import { oneLine } from '../clean-text.ts';
import type { Evidence, Fact, LogLine, Message, MessageAlert } from '../message.ts';
import { alertState, briefFacts, clockTime, groupText, logOrigin, tellingLine, whySent } from '../wording.ts';

/** The text part of a mail: the same as the HTML part, for readers and programs without HTML. */
export function textBody(message: Message): string {
  const [only] = message.alerts;
  const single = message.alerts.length === 1 && message.more === 0 ? only : undefined;
  const links = [...(single?.links ?? []), ...message.links];
  const blocks = [
    [message.title, `${message.severity} - ${whySent(message)}`],
    lines(message.text),
    ...(single === undefined ? message.alerts.map(oneOfSeveral) : singleAlert(single, message.text)),
    message.more > 0 ? [`and ${message.more} more`] : [],
    links.map((link) => `${link.label}: ${link.url}`),
    message.notes.map((note) => `Note: ${note}`),
  ];
  const filled = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  // Two hyphens and a space begin a signature, which answers leave out.
  return `${filled.join('\n\n')}\n\n-- \nSent by Tocsin to ${message.receiver}, ${clockTime(message.at)}\n`;
}

function lines(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [text];
}

function singleAlert(alert: MessageAlert, shown: string | undefined): readonly (readonly string[])[] {
  const group = Object.entries(alert.group).map(([label, value]) => ({ label, value }));
  return [
    alert.text === shown ? [] : lines(alert.text),
    [...group, ...alert.facts].map(factLine),
    ...evidenceBlocks(alert.evidence),
  ];
}

function oneOfSeveral(alert: MessageAlert): readonly string[] {
  const group = groupText(alert.group);
  const line = tellingLine(alert.evidence?.logs ?? []);
  return [
    `* ${alert.title}`,
    `  ${alertState(alert)}`,
    ...(group === '' ? [] : [`  ${group}`]),
    ...briefFacts(alert).map((fact) => `  ${factLine(fact)}`),
    ...(line === undefined ? [] : [`  Log: ${logOrigin(line)}  ${oneLine(line.text, 300)}`]),
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
    ({ field, values }) => `Top ${field}: ${values.map(({ value, count }) => `${value} (${count})`).join(', ')}`,
  );
  return [
    evidence.logs.length === 0
      ? []
      : ['What the logs of these requests say:', ...evidence.logs.map((line) => `  ${logLine(line)}`)],
    documents.length === 0 ? [] : ['What the documents say:', ...documents],
    tops,
    evidence.traceIds.length === 0 ? [] : [`Traces: ${evidence.traceIds.join(' ')}`],
  ];
}
