import { Type } from 'typebox';
import { andMore, LABELS } from '../../messages/labels.ts';
import { inFull } from '../../messages/measured.ts';
import type { LogLine, Message, MessageAlert } from '../../messages/message.ts';
import { commonLimit, rowFacts, rowName, smallPrint, unnamedGroup } from '../../messages/rows.ts';
import { briefState, firstLine, leadSentence } from '../../messages/sentence.ts';
import { forPeople, onlyAlert } from '../../messages/summary.ts';
import { written } from '../../messages/when.ts';
import { appearance, clockTime, groupLine, logOrigin, overallStatus } from '../../messages/wording.ts';
import { boundedMessage } from '../bounded.ts';
import type { Channel, Outcome, Payload } from '../channel.ts';
import { cleanText, oneLine } from '../clean-text.ts';
import { type SeveralTexts, severalTexts, textsOf } from '../several-texts.ts';

/** It has no options. */
type ConsoleOptions = Readonly<Record<string, never>>;

/** Widest column of where lines of logs come from. */
const ORIGIN = 30;

/** Prints messages as a few readable lines. */
export const consoleChannel: Channel<ConsoleOptions> = {
  name: 'console',
  description: 'Destinations that print messages where Tocsin runs.',
  schema: { ...Type.Object({}, { additionalProperties: false }) },
  secrets: [],
  read: () => ({}),
  render: (message) => ({ lines: linesOf(forPeople(boundedMessage(message))) }),
  send: async (payload, _options, io, signal) => print(payload, io.print, signal),
};

function linesOf(message: Message): readonly string[] {
  const single = onlyAlert(message);
  const texts = severalTexts(message);
  const small = smallPrint(message).map(({ label, value }) => `${label} ${value}`);
  return [
    `${appearance(overallStatus(message), message.severity).sign} ${firstLine(message)}`,
    ...indented(written(leadSentence(message), message)),
    ...indented(message.text),
    ...(single === undefined ? texts.common : []).flatMap(({ text, rules }) =>
      indented(rules === undefined ? text : `${rules}: ${text}`),
    ),
    ...(single === undefined ? severalOf(message, texts) : detailsOf(single, message.text)),
    ...(message.more > 0 ? [`   ${andMore(message.more)}`] : []),
    ...message.links.map((link) => `   ${link.label}: ${link.url}`),
    ...message.notes.map((note) => `   ${LABELS.note.toLowerCase()}: ${note}`),
    `   ${small.join(' · ')}`,
  ];
}

function severalOf(message: Message, texts: SeveralTexts): readonly string[] {
  const limit = commonLimit(message);
  return [
    ...indented(limit),
    ...message.alerts.flatMap((alert) => {
      const { measured } = alert;
      const numbers = measured === undefined ? [] : [limit === undefined ? inFull(measured) : measured.value];
      const facts = rowFacts(alert, message).map((fact) => `${fact.label}: ${fact.value}`);
      const isNow = alert.status === 'firing' || alert.status === 'event';
      const state = `${isNow ? `${alert.severity}, ` : ''}${written(briefState(alert, message), message)}`;
      return [
        `   - ${[rowName(alert, message), ...numbers, ...facts, state].join(' · ')}`,
        ...texts.ownOf(alert).flatMap((text) => indented(text).map((line) => `  ${line}`)),
        ...alert.links.slice(0, 4).map((link) => `     ${link.label}: ${link.url}`),
      ];
    }),
  ];
}

function detailsOf(alert: MessageAlert, shown: string | undefined): readonly string[] {
  return [
    ...textsOf(alert).flatMap((text) => (text === shown ? [] : indented(text))),
    ...[...unnamedGroup(alert), ...alert.facts].map((fact) => `   ${fact.label}: ${fact.value}`),
    ...(alert.evidence?.documents ?? [])
      .slice(0, 3)
      .map(({ at, fields }) => `   > ${clockTime(at).slice(11, 19)}  ${oneLine(groupLine(fields), 300)}`),
    ...(alert.evidence?.top ?? []).map(
      ({ field, values }) =>
        `   ${LABELS.top.toLowerCase()} ${field}: ${values.map(({ value, count }) => `${value} (${count})`).join(', ')}`,
    ),
    ...logLines(alert.evidence?.logs ?? []),
    ...alert.links.map((link) => `   ${link.label}: ${link.url}`),
  ];
}

/** Related parts are aligned: the time, where the line comes from, and what it says. */
function logLines(logs: readonly LogLine[]): readonly string[] {
  const width = Math.min(ORIGIN, Math.max(0, ...logs.map((line) => logOrigin(line).length)));
  return logs.flatMap((line) => {
    const [head = '', ...rest] = line.text.split('\n');
    const said = `   | ${clockTime(line.at).slice(11, 19)}  ${logOrigin(line).padEnd(width)}  ${oneLine(head, 300)}`;
    return [said, ...rest.map((more) => `   |   ${oneLine(more, 300)}`)];
  });
}

function indented(text: string | undefined): readonly string[] {
  return text === undefined
    ? []
    : text
        .split('\n')
        .slice(0, 20)
        // A CI takes a line that begins so for an order of its own.
        .map((line) => `   ${line.replace(/^\s*:(?=:)|#(?=#\[)/g, '$& ')}`);
}

function print(payload: Payload, write: (text: string) => void, signal: AbortSignal): Outcome {
  if (signal.aborted) return { kind: 'retry', reason: { kind: 'aborted', text: 'cancelled before anything was printed' } };
  try {
    write((Array.isArray(payload['lines']) ? payload['lines'] : []).join('\n'));
    return { kind: 'delivered' };
  } catch (error) {
    return { kind: 'retry', reason: { kind: 'network', text: cleanText(String(error), 300) } };
  }
}
