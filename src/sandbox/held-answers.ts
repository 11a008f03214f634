import { hashId } from '../core/ids.ts';
import { own } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import { type Answer, type Arrived, NO_COST } from '../search/answer.ts';
import type { Group, GroupsQuery, Metric, Query, Value } from '../search/query.ts';
import { canonicalKey } from '../search/search.ts';
import type { SearchProblem } from '../search/search-problem.ts';

/** A value as JSON has it: an integer beyond 2^53, and what JSON has no number for, is a list of its text. */
type HeldValue = number | string | boolean | null | readonly [string];

/** A group by its place in the list of groups, its documents and its values. */
type HeldRow = readonly [group: number, docs: number, ...values: HeldValue[]];

/** One answer without its window. Members that say nothing are left out. */
export interface HeldAnswer {
  readonly matched?: number;
  readonly ungrouped?: number;
  readonly atLeast?: number;
  readonly rows?: readonly HeldRow[];
  /** Of each row the begin of its bucket, from that of the window. */
  readonly buckets?: readonly Duration[];
  /** Times of documents, from the begin of the window, with the group that each belongs to. */
  readonly times?: readonly (readonly [Duration, number])[];
  readonly table?: readonly (readonly HeldValue[])[];
  readonly columns?: readonly string[];
  readonly truncated?: true;
  readonly dates?: readonly string[];
  /** Places in the list of groups. */
  readonly named?: readonly number[];
  readonly problem?: SearchProblem;
}

/** A question over windows of one length: where each begins (the first, then the distances), and which answer it had. */
interface HeldQuestion {
  readonly key: string;
  readonly length: Duration;
  readonly begins: readonly number[];
  /** Places in the list of answers; a list where a window was asked again and the answer was another one. */
  readonly answers: readonly (number | readonly number[])[];
}

/** The answers that a rule had over some time, as data. A group is the list of its values, in the order of the fields of its question. */
export interface HeldAnswers {
  readonly groups: readonly (readonly (string | null)[])[];
  readonly answers: readonly HeldAnswer[];
  readonly questions: readonly HeldQuestion[];
}

/** Keys by the canonical text of their questions: a rule asks few, at thousands of ticks. */
const keys = new Map<string, string>();
const KEYS_KEPT = 1_000;

/** Key of a question without its window. Whether a condition takes a value for a number changes nothing about what is answered. */
export function questionKey(query: Query): string {
  const text = canonicalKey(isMarked(query) ? withoutMarks(query) : query);
  const known = keys.get(text);
  if (known !== undefined) return known;
  const key = hashId(text).slice(0, 16);
  if (keys.size >= KEYS_KEPT) keys.clear();
  keys.set(text, key);
  return key;
}

function isMarked(query: Query): query is GroupsQuery {
  return query.kind === 'groups' && Object.values(query.metrics).some((metric) => 'number' in metric);
}

function withoutMarks(query: GroupsQuery): GroupsQuery {
  const plain = (metric: Metric): Metric => {
    if (metric.of !== 'last') return metric;
    const { number: _number, ...rest } = metric;
    return rest;
  };
  return { ...query, metrics: Object.fromEntries(Object.entries(query.metrics).map(([name, metric]) => [name, plain(metric)])) };
}

/** The fields whose values make a group of a question. */
export function groupFields(query: Query): readonly string[] {
  return query.kind === 'groups' ? query.groupBy : query.kind === 'hits' ? (query.keys ?? []) : [];
}

/** Names of the values of a row, in the order in which rows are held. */
export function valueNames(query: Query): readonly string[] {
  return query.kind === 'groups' ? Object.keys(query.metrics).sort() : [];
}

/** Puts a value into JSON. */
export function heldValue(value: Value | null): HeldValue {
  if (typeof value === 'bigint') return [String(value)];
  if (Object.is(value, -0)) return ['-0'];
  return typeof value === 'number' && !Number.isFinite(value) ? [String(value)] : value;
}

function freed(held: HeldValue): Value | null {
  if (!isText(held)) return held;
  const [text] = held;
  return /^-?[1-9]\d*$/.test(text) ? BigInt(text) : Number(text);
}

function isText(held: HeldValue): held is readonly [string] {
  return typeof held === 'object' && held !== null;
}

/** Gives the group at a place, of the fields of a question; each is made once, as it comes again in nearly every window. */
export type GroupReader = (fields: readonly string[], place: number) => Group;

/** Reads the groups of recorded answers. */
export function groupReader(groups: HeldAnswers['groups']): GroupReader {
  const known = new Map<string, Group[]>();
  return (fields, place) => {
    const key = fields.length === 1 ? (fields[0] ?? '') : JSON.stringify(fields);
    const made = known.get(key) ?? [];
    known.set(key, made);
    const before = made[place];
    if (before !== undefined) return before;
    const values = groups[place] ?? [];
    const group = Object.fromEntries(fields.map((field, index) => [field, values[index] ?? null]));
    made[place] = group;
    return group;
  };
}

const NO_VALUES = {};

/** The answer to a question about a window that begins at `from`, as the search gave it. */
export function answerOf(held: HeldAnswer, query: Query, groupOf: GroupReader, from: Instant): Answer {
  if (held.problem !== undefined) return { kind: 'failed', problem: held.problem, cost: NO_COST };
  const fields = groupFields(query);
  const names = valueNames(query);
  const groupAt = (place: number): Group => groupOf(fields, place);
  const arrived: Arrived = {
    kind: held.truncated === true ? 'truncated' : 'complete',
    groups: (held.rows ?? []).map(([group, docs, ...values], row) => ({
      group: groupAt(group),
      docs,
      values:
        names.length === 0 ? NO_VALUES : Object.fromEntries(names.map((name, index) => [name, freed(values[index] ?? null)])),
      ...(held.buckets !== undefined && { bucket: from + (held.buckets[row] ?? 0) }),
    })),
    hits: (held.times ?? []).map(([after, group]) => ({
      id: '',
      index: '',
      at: from + after,
      fields: Object.fromEntries(
        Object.entries(groupAt(group)).flatMap(([field, value]) => (value === null ? [] : [[field, [value]]])),
      ),
    })),
    table: (held.table ?? []).map((row) =>
      Object.fromEntries((held.columns ?? []).map((name, index) => [name, freed(row[index] ?? null)])),
    ),
    matched: held.matched ?? 0,
    ungrouped: held.ungrouped ?? 0,
    atLeast: held.atLeast ?? 0,
    ...(held.named !== undefined && { named: held.named.map(groupAt) }),
    ...(held.dates !== undefined && { dates: held.dates }),
    sent: null,
    cost: NO_COST,
  };
  return arrived;
}

/** Whether a question takes for a number what its answer knows to be a date: asked so, it would have failed. */
export function takesDateForNumber(query: Query, { dates = [] }: HeldAnswer): boolean {
  if (query.kind !== 'groups') return false;
  return dates.some((name) => {
    const metric = own(query.metrics, name);
    return metric !== undefined && 'number' in metric;
  });
}
