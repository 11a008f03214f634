import { jsonText } from '../core/json.ts';
import { EVIDENCE_FIELDS } from '../core/printed.ts';
import type { Evidence, Fact, GroupCounts, Link, Message, MessageAlert } from '../messages/message.ts';
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
 * a megabyte, or a thousand labels, cannot make a message that the receiver refuses. Links that are no http(s) are left out.
 */
export function boundedMessage(message: Message): Message {
  const { text, ...rest } = message;
  const alerts = message.alerts.slice(0, LIMITS.alerts);
  return {
    ...rest,
    title: { ...message.title, text: oneLine(message.title.text, LIMITS.title) },
    ...(text === undefined || text.trim() === '' ? {} : { text: cleanText(text.trim(), LIMITS.text) }),
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
  const { text, description, evidence, ...rest } = alert;
  return {
    ...rest,
    rule: oneLine(alert.rule, LIMITS.label),
    title: oneLine(alert.title, LIMITS.title),
    ...(text === undefined || text.trim() === '' ? {} : { text: cleanText(text.trim(), LIMITS.text) }),
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
    facts: alert.facts.slice(0, LIMITS.facts).map(boundedFact),
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

function boundedLinks(links: readonly Link[]): readonly Link[] {
  const safe = links.filter(
    (link) => link.url.length <= LIMITS.url && URL.canParse(link.url) && /^https?:$/.test(new URL(link.url).protocol),
  );
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
