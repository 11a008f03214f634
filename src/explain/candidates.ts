import { alertId } from '../alerts/alert-id.ts';
import type { Finding } from '../alerts/finding.ts';
import type { Variables } from '../conditions/condition.ts';
import { canonicalJson, type Json } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { RecordedChange, RecordedRun } from '../engine/history/run-history.ts';
import { readableReading } from '../evaluation/readable-reading.ts';
import type { LivingAlert, RuleDocument } from '../evaluation/rule-states.ts';
import type { Reading, RuleType } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import { groupKey } from '../search/group-key.ts';
import type { Group } from '../search/query.ts';
import type { AnsweredAgain } from './ask-again.ts';
import { evaluateLines, unevaluatedLines } from './evaluated-lines.ts';
import type { EvaluatedLine, ExplainedReading } from './explanation.ts';

/** A group of a tick with all that is known of it: what it measured, its alert, its recorded changes, and how it was evaluated. */
export interface Candidate {
  readonly group: Group;
  readonly alert: string;
  readonly living: LivingAlert | undefined;
  /** It flaps, whether or not it fires at this moment. */
  readonly flaps: boolean;
  readonly changes: readonly RecordedChange[];
  readonly reading: ExplainedReading | undefined;
  readonly finding: Finding;
  readonly lines: readonly EvaluatedLine[];
}

/** What candidates are made of. */
export interface Sources {
  readonly namespace: string;
  readonly rule: Rule;
  readonly type: RuleType<unknown, Json>;
  readonly document: RuleDocument | undefined;
  readonly recorded: RecordedRun | undefined;
  readonly again: AnsweredAgain;
}

/** Every group that was returned, is active or changed at the tick, the most significant first: changed, bad, undecided, living, the rest. */
export function candidatesOf(sources: Sources): readonly Candidate[] {
  const { rule, document, recorded, again } = sources;
  const groups = new Map<string, Group>();
  const add = (group: Group) => groups.set(groupKey(rule.groupBy, group), group);
  const measured = again.ok && again.measured.kind === 'groups' ? again.measured : undefined;
  for (const { group } of recorded?.changes ?? []) add(group);
  for (const { group } of measured?.readings ?? []) add(group);
  for (const group of measured?.expired ?? []) add(group);
  for (const { group } of Object.values(document?.alerts ?? {})) add(group);
  for (const { notified } of Object.values(document?.past ?? {})) if (notified !== undefined) add(notified.group);
  if (rule.groupBy.length === 0) add({});
  const readings = new Map((measured?.readings ?? []).map((reading) => [groupKey(rule.groupBy, reading.group), reading]));
  const expired = new Set((measured?.expired ?? []).map((group) => groupKey(rule.groupBy, group)));
  const candidates = [...groups].map(([key, group]) => candidateOf(group, readings.get(key), expired.has(key), sources));
  return candidates.sort((a, b) => rank(a) - rank(b));
}

/** Says whether a group has all the values that were asked for; a part of its fields is enough. */
export function isWanted(group: Group, wanted: Group): boolean {
  return Object.entries(wanted).every(([field, value]) => (own(group, field) ?? null) === value);
}

function rank({ changes, finding, living, flaps }: Candidate): number {
  if (changes.length > 0) return 0;
  if (finding.kind === 'breach') return 1;
  if (living !== undefined && living.status !== 'inactive') return finding.kind === 'unknown' ? 2 : 3;
  if (flaps) return 3;
  return finding.kind === 'unknown' ? 4 : finding.kind === 'between' ? 5 : 6;
}

function candidateOf(group: Group, asked: Reading | undefined, expired: boolean, sources: Sources): Candidate {
  const { rule, type, document, recorded } = sources;
  const alert = alertId(sources.namespace, rule.id, group);
  const changes = (recorded?.changes ?? []).filter((change) => change.alert === alert);
  const reading = readingOf(asked, changes);
  const flaps = own(document?.past, alert)?.notified !== undefined;
  const head = { group, alert, living: own(document?.alerts, alert), flaps, changes, reading };
  if (expired) return { ...head, finding: { kind: 'absent' }, lines: unevaluatedLines(rule) };
  if (reading === undefined)
    return { ...head, finding: { kind: 'unknown', because: silence(sources) }, lines: unevaluatedLines(rule) };
  const measured: Reading = {
    group,
    present: reading.present,
    values: measuredValues(reading.values, type.variables(rule.options)),
  };
  const { finding, lines } = evaluateLines(rule, measured, type.absence(rule.options));
  return { ...head, finding, lines };
}

/** What people read, as conditions compute with it: a date that is measured as a number is one again. */
function measuredValues(values: ExplainedReading['values'], types: Variables): Reading['values'] {
  const entries = Object.entries(values).map(([name, value]) => {
    const isDate = own(types, name) === 'number' && typeof value === 'string' && /^[+-]?\d{4,6}-\d\d-\d\dT/.test(value);
    const instant = isDate ? Date.parse(value) : Number.NaN;
    return [name, Number.isNaN(instant) ? value : instant];
  });
  return Object.fromEntries(entries) as Reading['values'];
}

/** The recorded values were evaluated; the current result is shown too if it differs. A change by absence has none. */
function readingOf(asked: Reading | undefined, changes: readonly RecordedChange[]): ExplainedReading | undefined {
  const values = changes.at(-1)?.values ?? {};
  if (Object.keys(values).length === 0) {
    if (asked === undefined) return undefined;
    return {
      from: 'asked',
      present: asked.present,
      values: readableReading(asked),
      ...(asked.note !== undefined && { note: asked.note }),
    };
  }
  const now = asked === undefined ? {} : readableReading(asked);
  return { from: 'recorded', present: true, values, ...(canonicalJson(now) !== canonicalJson(values) && { now }) };
}

function silence({ again, type }: Sources): string {
  if (!again.ok) return `the search failed: ${again.problem.message}`;
  if (again.measured.kind === 'events') return `the type ${type.name} reports individual documents and does not measure groups`;
  return 'the result has no data about this group';
}
