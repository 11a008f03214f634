import { andMore, LABELS } from '../messages/labels.ts';
import { inFull } from '../messages/measured.ts';
import type { Evidence, Fact, Link, Message, MessageAlert } from '../messages/message.ts';
import { commonLimit, rowFacts, rowName, smallPrint, unnamedGroup } from '../messages/rows.ts';
import { briefState, firstLine, leadSentence } from '../messages/sentence.ts';
import { onlyAlert } from '../messages/summary.ts';
import { written } from '../messages/when.ts';
import { appearance, clockTime, logOrigin, mainLogLine, overallStatus } from '../messages/wording.ts';
import { oneLine } from './clean-text.ts';
import { type SeveralTexts, severalTexts, textsOf } from './several-texts.ts';

/** One part of a message for people, from top to bottom. All texts are raw: the markup of a destination escapes them. */
export type OutlinePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | {
      readonly kind: 'alert';
      readonly title: string;
      readonly state: string;
      readonly texts: readonly string[];
      readonly facts: readonly Fact[];
      readonly links: readonly Link[];
    }
  /** Lines of documents or logs, under a label. */
  | { readonly kind: 'lines'; readonly label: string; readonly lines: readonly string[] }
  | { readonly kind: 'remark'; readonly text: string }
  | { readonly kind: 'links'; readonly links: readonly Link[] };

/** A message for people by its parts: what chat and ticket destinations show, each in its own markup. */
export interface Outline {
  readonly sign: string;
  /** `#rrggbb`. */
  readonly color: string;
  readonly headline: string;
  /** The sentence below it. */
  readonly why: string;
  readonly parts: readonly OutlinePart[];
}

/** The outline of a message, which is bounded already. */
export function outlineOf(message: Message): Outline {
  const single = onlyAlert(message);
  const links = distinct([...(single?.links ?? []), ...message.links]);
  return {
    ...appearance(overallStatus(message), message.severity),
    headline: firstLine(message),
    why: written(leadSentence(message), message),
    parts: [
      ...paragraph(message.text),
      ...(single === undefined ? severalAlerts(message) : oneAlert(single, message.text)),
      ...(message.more > 0 ? [{ kind: 'remark', text: andMore(message.more) } as const] : []),
      ...(links.length === 0 ? [] : [{ kind: 'links', links } as const]),
      ...message.notes.map((note) => ({ kind: 'remark', text: `${LABELS.note}: ${note}` }) as const),
      {
        kind: 'remark',
        text: smallPrint(message)
          .map(({ label, value }) => `${label} ${value}`)
          .join(' · '),
      },
    ],
  };
}

function paragraph(text: string | undefined): readonly OutlinePart[] {
  return text === undefined || text === '' ? [] : [{ kind: 'text', text }];
}

function oneAlert(alert: MessageAlert, shown: string | undefined): readonly OutlinePart[] {
  const facts = [...unnamedGroup(alert), ...alert.facts];
  return [
    ...textsOf(alert).flatMap((text) => (text === shown ? [] : paragraph(text))),
    ...(facts.length === 0 ? [] : [{ kind: 'facts', facts } as const]),
    ...evidenceParts(alert.evidence),
  ];
}

function severalAlerts(message: Message): readonly OutlinePart[] {
  const texts = severalTexts(message);
  const limit = commonLimit(message);
  const common = texts.common.map(({ text, rules }) => (rules === undefined ? text : `${rules}: ${text}`));
  return [
    ...paragraph([...common, ...(limit === undefined ? [] : [limit])].join('\n\n')),
    ...message.alerts.map((alert) => oneOfSeveral(alert, message, { texts, limit })),
  ];
}

interface RowTexts {
  readonly texts: SeveralTexts;
  readonly limit: string | undefined;
}

function oneOfSeveral(alert: MessageAlert, message: Message, { texts, limit }: RowTexts): OutlinePart {
  const line = mainLogLine(alert.evidence?.logs ?? []);
  const { measured } = alert;
  const numbers = measured === undefined ? [] : [limit === undefined ? inFull(measured) : measured.value];
  return {
    kind: 'alert',
    title: `${appearance(alert.status, alert.severity).sign} ${rowName(alert, message)}`,
    state: [...numbers, written(briefState(alert, message), message)].join(' · '),
    texts: texts.ownOf(alert),
    facts: [
      ...rowFacts(alert, message),
      ...(line === undefined ? [] : [{ label: LABELS.log, value: oneLine(`${logOrigin(line)}  ${line.text}`, 300) }]),
    ],
    links: alert.links.slice(0, 3),
  };
}

function evidenceParts(evidence: Evidence | undefined): readonly OutlinePart[] {
  if (evidence === undefined) return [];
  const documents = evidence.documents.map(({ at, fields }) => `${clockTime(at).slice(11, 19)}  ${fieldsText(fields)}`);
  const logs = evidence.logs.flatMap((line) => {
    const [head = '', ...rest] = line.text.split('\n');
    const said = [clockTime(line.at).slice(11, 19), logOrigin(line), oneLine(head, 400)].filter((part) => part !== '');
    return [said.join('  '), ...rest.map((more) => `    ${oneLine(more, 200)}`)];
  });
  const tops = evidence.top.map(({ field, values }) => ({
    label: `${LABELS.top} ${field}`,
    value: values
      .slice(0, 5)
      .map(({ value, count }) => `${oneLine(value, 80)} ${count}`)
      .join(', '),
  }));
  return [
    ...(logs.length === 0 ? [] : [{ kind: 'lines', label: LABELS.logs, lines: logs } as const]),
    ...(documents.length === 0 ? [] : [{ kind: 'lines', label: LABELS.documents, lines: documents } as const]),
    ...(tops.length === 0 ? [] : [{ kind: 'facts', facts: tops } as const]),
    ...(evidence.traceIds.length === 0
      ? []
      : [{ kind: 'remark', text: `${LABELS.traces}: ${evidence.traceIds.join(' ')}` } as const]),
  ];
}

/** The message field alone reads best; other fields are named. */
function fieldsText(fields: Readonly<Record<string, string>>): string {
  const parts = Object.entries(fields).map(([name, text]) =>
    name === 'message' ? oneLine(text, 400) : `${name}=${oneLine(text, 200)}`,
  );
  return parts.join('  ');
}

function distinct(links: readonly Link[]): readonly Link[] {
  return links.filter((link, index) => links.findIndex((other) => other.url === link.url) === index);
}
