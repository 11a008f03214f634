import { httpUrl } from '../core/http-url.ts';
import { jsonText } from '../core/json.ts';
import { EVIDENCE_FIELDS } from '../core/printed.ts';
import type { Evidence, Fact, GroupCounts, Link, MeasuredText, Message, MessageAlert } from '../messages/message.ts';
import type { MarkupLine, MarkupPart } from '../templates/markup.ts';
import { cleanText, oneLine } from './clean-text.ts';

const LIMITS = {
  alerts: 20,
  title: 250,
  text: 4_000,
  label: 100,
  value: 500,
  facts: 20,
  labels: 50,
  group: 20,
  links: 8,
  url: 2_000,
  notes: 5,
  documents: 5,
  fields: EVIDENCE_FIELDS,
  fieldText: 800,
  top: 5,
  topValues: 10,
  traceIds: 5,
  logs: 10,
  level: 20,
} as const;

/**
 * A message in which everything has a bound and no text holds invisible characters. Every channel renders this one, so that a document of
 * a megabyte, or a thousand labels, cannot make a message that the receiver refuses. Links other than http(s) are left out.
 */
export function boundedMessage(message: Message): Message {
  const { text, markup, ...rest } = message;
  const alerts = message.alerts.slice(0, LIMITS.alerts);
  return {
    ...rest,
    title: { ...message.title, text: oneLine(message.title.text, LIMITS.title) },
    ...(text === undefined || text.trim() === '' ? {} : { text: cleanText(text.trim(), LIMITS.text) }),
    ...(markup !== undefined && text !== undefined && text.length <= LIMITS.text && { markup: markup.map(boundedLine) }),
    severity: oneLine(message.severity, LIMITS.label),
    receiver: oneLine(message.receiver, LIMITS.label),
    alerts: alerts.map(boundedAlert),
    more: message.more + message.alerts.length - alerts.length,
    ...(message.summary !== undefined && { summary: message.summary.slice(0, LIMITS.top).map(boundedCounts) }),
    groupLabels: boundedRecord(message.groupLabels),
    links: boundedLinks(message.links),
    notes: message.notes.slice(0, LIMITS.notes).map((note) => oneLine(note, LIMITS.value)),
  };
}

function boundedCounts({ field, values, others }: GroupCounts): GroupCounts {
  const named = values.slice(0, LIMITS.topValues).map(({ value, count }) => ({ value: oneLine(value, LIMITS.label), count }));
  return { field: oneLine(field, LIMITS.label), values: named, others };
}

function boundedAlert(alert: MessageAlert): MessageAlert {
  const { text, markup, description, evidence, measured, details, ...rest } = alert;
  return {
    ...rest,
    rule: oneLine(alert.rule, LIMITS.label),
    title: oneLine(alert.title, LIMITS.title),
    ...(text === undefined || text.trim() === '' ? {} : { text: cleanText(text.trim(), LIMITS.text) }),
    ...(markup !== undefined && text !== undefined && text.length <= LIMITS.text && { markup: markup.map(boundedLine) }),
    ...(description === undefined || description.trim() === ''
      ? {}
      : { description: cleanText(description.trim(), LIMITS.text) }),
    severity: oneLine(alert.severity, LIMITS.label),
    group: boundedRecord(alert.group, LIMITS.group),
    labels: boundedRecord(alert.labels),
    values: Object.fromEntries(
      Object.entries(alert.values)
        .slice(0, LIMITS.labels)
        .map(([name, value]) => [oneLine(name, LIMITS.label), boundedValue(value)]),
    ),
    ...(alert.ending === undefined ? {} : { ending: oneLine(alert.ending, LIMITS.value) }),
    ...(alert.movedTo === undefined
      ? {}
      : { movedTo: alert.movedTo.slice(0, LIMITS.links).map((receiver) => oneLine(receiver, LIMITS.label)) }),
    ...(measured !== undefined && { measured: boundedMeasured(measured) }),
    facts: alert.facts.slice(0, LIMITS.facts).map(boundedFact),
    ...(details !== undefined && { details: details.slice(0, LIMITS.facts).map(boundedFact) }),
    ...(evidence === undefined ? {} : { evidence: boundedEvidence(evidence) }),
    links: boundedLinks(alert.links),
  };
}

function boundedValue(value: MessageAlert['values'][string]): MessageAlert['values'][string] {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  return oneLine(typeof value === 'string' ? value : jsonText(value), LIMITS.value);
}

function boundedRecord(record: Readonly<Record<string, string>>, most: number = LIMITS.labels): Readonly<Record<string, string>> {
  const entries = Object.entries(record).slice(0, most);
  return Object.fromEntries(entries.map(([name, value]) => [oneLine(name, LIMITS.label), oneLine(value, LIMITS.value)]));
}

function boundedFact(fact: Fact): Fact {
  return { label: oneLine(fact.label, LIMITS.label), value: oneLine(fact.value, LIMITS.value) };
}

function boundedLine({ item, parts }: MarkupLine): MarkupLine {
  return { item, parts: parts.map(boundedPart) };
}

function boundedPart(part: MarkupPart): MarkupPart {
  const clean = (text: string) => cleanText(text, LIMITS.text);
  if (typeof part === 'string') return clean(part);
  if ('bold' in part) return { bold: clean(part.bold) };
  if ('code' in part) return { code: clean(part.code) };
  if ('mention' in part) return { mention: oneLine(part.mention, LIMITS.label) };
  const [link] = boundedLinks([{ label: part.link, url: part.url }]);
  return link === undefined ? clean(part.link) : { link: link.label, url: link.url };
}

function boundedMeasured({ value, limit }: MeasuredText): MeasuredText {
  return { value: oneLine(value, LIMITS.value), ...(limit !== undefined && { limit: oneLine(limit, LIMITS.value) }) };
}

function boundedLinks(links: readonly Link[]): readonly Link[] {
  const safe = links.filter(({ url }) => url.length <= LIMITS.url && httpUrl(url) !== undefined);
  // The parser's own spelling has no spaces, quotes or angle brackets left in it.
  return safe.slice(0, LIMITS.links).map((link) => ({ label: oneLine(link.label, LIMITS.label), url: new URL(link.url).href }));
}

function boundedEvidence(evidence: Evidence): Evidence {
  return {
    documents: evidence.documents.slice(0, LIMITS.documents).map(({ at, fields }) => ({
      at,
      fields: Object.fromEntries(
        Object.entries(fields)
          .slice(0, LIMITS.fields)
          .map(([name, text]) => [oneLine(name, LIMITS.label), cleanText(text, LIMITS.fieldText)]),
      ),
    })),
    top: evidence.top.slice(0, LIMITS.top).map(({ field, values }) => ({
      field: oneLine(field, LIMITS.label),
      values: values.slice(0, LIMITS.topValues).map(({ value, count }) => ({ value: oneLine(value, LIMITS.value), count })),
    })),
    traceIds: evidence.traceIds.slice(0, LIMITS.traceIds).map((id) => oneLine(id, LIMITS.label)),
    logs: evidence.logs.slice(0, LIMITS.logs).map(({ at, level, service, text, traceId, count }) => ({
      at,
      level: oneLine(level, LIMITS.level),
      service: oneLine(service, LIMITS.label),
      text: cleanText(text.trim(), LIMITS.fieldText),
      traceId: oneLine(traceId, LIMITS.label),
      count,
    })),
  };
}
