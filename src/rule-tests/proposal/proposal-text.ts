import { formatDuration } from '../../core/duration.ts';
import { canonicalJson, type JsonObject } from '../../core/json.ts';
import { type Instant, iso } from '../../core/time.ts';
import { headline } from '../../messages/title.ts';
import { yamlText } from '../../yaml/print.ts';
import type { Observation, SeenAlert, SeenNotification } from '../observation.ts';

/** A document of a proposed test: only some fields, and its time. */
export interface ProposedDocument {
  readonly at: Instant;
  readonly source: JsonObject;
}

/** A test that is proposed, but for what has to be seen. */
export interface Proposal {
  readonly name: string;
  /** What the file begins with, one line each. */
  readonly remarks: readonly string[];
  /** A whole minute: where virtual time begins. */
  readonly start: Instant;
  /** From the oldest on. */
  readonly documents: readonly ProposedDocument[];
  /** What the rule sees of its source when it fires: groups whose alerts are looked at; undefined: all. */
  readonly group?: Readonly<Record<string, string | null>>;
}

/** Writes a proposed test whose checks expect nothing yet, at these times. */
export function blankProposalText(proposal: Proposal, times: readonly Instant[]): string {
  return fileText(
    proposal,
    times.map((at) => ({ at: relative(at, proposal.start), alerts: [] })),
  );
}

/** Writes a proposed test that expects what was seen when it was played. */
export function proposalText(proposal: Proposal, seen: readonly Observation[]): string {
  return fileText(
    proposal,
    seen.map(({ at, alerts, notifications }) => {
      const active = alerts.filter(({ status, group }) => status !== 'inactive' && isOf(proposal, group));
      const others = alerts.some(({ status, group }) => status !== 'inactive' && !isOf(proposal, group));
      const none = others ? [{ not: { group: proposal.group } }] : 'none';
      return {
        at: relative(at, proposal.start),
        alerts: active.length === 0 ? none : active.map(expectedAlert),
        notifications: notifications.length === 0 ? 'none' : notifications.map(expectedNotification),
      };
    }),
  );
}

function isOf({ group: wanted }: Proposal, group: Readonly<Record<string, string | null>>): boolean {
  return wanted === undefined || canonicalJson(wanted) === canonicalJson(group);
}

function fileText(proposal: Proposal, checks: readonly unknown[]): string {
  const { name, remarks, start, documents } = proposal;
  const entries = entriesOf(documents, start);
  const test = { name, start: iso(start), ...(entries.length === 0 ? {} : { documents: entries }), checks };
  return `${remarks.map((remark) => `# ${remark}\n`).join('')}${yamlText({ tests: [test] })}`;
}

function expectedAlert({ group, status, severity, values }: SeenAlert) {
  const measured = Object.entries(values).filter(([, value]) => typeof value === 'number' || typeof value === 'boolean');
  return {
    ...(Object.keys(group).length === 0 ? {} : { group }),
    status,
    severity,
    ...(status === 'firing' && measured.length > 0 ? { values: Object.fromEntries(measured) } : {}),
  };
}

function expectedNotification({ message }: SeenNotification) {
  const { text } = message.title;
  return {
    reason: message.reason,
    ...(text === '' ? {} : { title: text.startsWith('/') ? { is: headline(message.title) } : text }),
  };
}

/** Documents that are the same but for their time are one entry. */
function entriesOf(documents: readonly ProposedDocument[], start: Instant): readonly unknown[] {
  const entries = new Map<string, { readonly source: JsonObject; readonly times: Instant[] }>();
  for (const { at, source } of documents) {
    const key = canonicalJson(source);
    const entry = entries.get(key) ?? { source, times: [] };
    entries.set(key, entry);
    entry.times.push(at);
  }
  return [...entries.values()].map(({ source, times }) => ({ ...timesOf(times, start), document: source }));
}

function timesOf(times: readonly Instant[], start: Instant) {
  const [first = start, second = first] = times;
  const every = second - first;
  const even = times.length > 2 && every > 0 && times.every((time, index) => time === first + index * every);
  if (even) return { at: relative(first, start), repeat: times.length, every: formatDuration(every) };
  return { at: times.length === 1 ? relative(first, start) : times.map((time) => relative(time, start)) };
}

function relative(at: Instant, start: Instant): string {
  return `${at < start ? '-' : ''}${formatDuration(Math.abs(at - start))}`;
}
