import { parseDuration } from '../../../src/core/duration.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Instant, TimeRange } from '../../../src/core/time.ts';
import type { Input, Measured, ReadTools, RuleType, Spec } from '../../../src/rule-types/rule-type.ts';
import { type Answers, type Arrived, type GroupRow, NO_COST } from '../../../src/search/answer.ts';
import type { Group, GroupsQuery, Metric, Query, QueryDsl, Value } from '../../../src/search/query.ts';

/** One document of a test: when, and its fields. */
export interface Doc {
  readonly at: Instant;
  readonly [field: string]: Value | null;
}

export const MINUTE = 60_000;
export const DELAY = 30_000;

/** KQL as the tests need it: `field:value`, kept as a term. */
export function term(text: string): QueryDsl {
  const [field = '', value = ''] = text.split(':');
  return { term: { [field]: value } };
}

/** Tools for `read` that collect what was reported, as `path: message`. */
export function readTools(groupBy: readonly string[] = [], window = 5 * MINUTE): ReadTools & { readonly problems: string[] } {
  const problems: string[] = [];
  return {
    problems,
    groupBy,
    window,
    kql: term,
    duration: (text, path) => {
      const duration = parseDuration(text);
      if (duration === undefined) problems.push(`${path}: not a duration`);
      return duration ?? 0;
    },
    problem: (path, message) => problems.push(`${path}: ${message}`),
  };
}

/** Options of a type from keys that must have no problem. */
export function optionsOf<O, M extends Json>(
  type: RuleType<O, M>,
  keys: Record<string, unknown>,
  groupBy: readonly string[] = [],
): O {
  const tools = readTools(groupBy);
  const options = type.read(keys, tools);
  if (tools.problems.length > 0) throw new Error(tools.problems.join('; '));
  return options;
}

export interface Setting<O> {
  readonly options: O;
  readonly groupBy?: readonly string[];
  readonly window?: number;
  readonly maxGroups?: number;
}

export function specOf<O>({ options, groupBy = [], window = 5 * MINUTE, maxGroups = 1_000 }: Setting<O>): Spec<O> {
  const source = { indices: ['logs-*'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 30_000, frozen: false };
  return { id: 'r', source, filter: { match_all: {} }, groupBy, missing: 'exclude', window, maxGroups, options };
}

/** One evaluation at a tick, as the engine would ask for it. */
export function inputAt<O, M = null>(spec: Spec<O>, at: Instant, rest: Partial<Input<O, M>> = {}): Input<O, M> {
  const to = at - DELAY;
  const known: readonly Group[] = spec.groupBy.length === 0 ? [{}] : [];
  return {
    spec,
    window: { from: to - spec.window, to },
    at,
    previous: undefined,
    purpose: 'live',
    known,
    memory: undefined,
    ...rest,
  };
}

/** Asks in at most three rounds over the documents and measures; `asked` has the names of each round. */
export function evaluate<O, M extends Json>(type: RuleType<O, M>, input: Input<O, M>, documents: readonly Doc[]) {
  const answers = new Map<string, Arrived>();
  const asked: string[][] = [];
  for (let round = 0; round < 3; round++) {
    const queries = type.ask(input, answers).filter((query) => !answers.has(query.name));
    if (queries.length === 0) break;
    asked.push(queries.map((query) => query.name));
    for (const query of queries) answers.set(query.name, answer(query, documents));
  }
  return { answers: answers as Answers, asked, measured: type.measure(input, answers) };
}

/** Readings as `{group key: values}`, where the key is the group's values joined by `/`. */
export function valuesByGroup(measured: Measured<Json>): Record<string, unknown> {
  return Object.fromEntries(measured.readings.map(({ group, values }) => [Object.values(group).join('/'), values]));
}

/** An answer that holds nothing. */
export const EMPTY: Arrived = {
  kind: 'complete',
  groups: [],
  hits: [],
  table: [],
  matched: 0,
  ungrouped: 0,
  atLeast: 0,
  sent: null,
  cost: NO_COST,
};

/** Answers a query over the documents as the port promises. */
export function answer(query: Query, documents: readonly Doc[]): Arrived {
  const inside = documents.filter((doc) => within(query.window, doc.at) && matches(query.filter, doc));
  if (query.kind === 'hits') {
    const newest = inside.toSorted((a, b) => b.at - a.at).slice(0, query.limit);
    const hits = newest.map((doc) => ({
      id: String(documents.indexOf(doc)),
      index: 'logs',
      at: doc.at,
      fields: Object.fromEntries(
        query.fields.filter((field) => doc[field] != null).map((field) => [field, [doc[field] ?? null]]),
      ),
    }));
    return {
      ...EMPTY,
      kind: inside.length > query.limit ? 'truncated' : 'complete',
      hits,
      matched: inside.length,
      atLeast: hits.length,
    };
  }
  return query.kind === 'groups' ? groupsAnswer(query, inside) : EMPTY;
}

function groupsAnswer(query: GroupsQuery, inside: readonly Doc[]): Arrived {
  const groups = new Map<string, { readonly group: Group; readonly docs: Doc[] }>();
  if (query.groupBy.length === 0) groups.set('[]', { group: {}, docs: [] });
  for (const doc of inside) {
    if (query.missing === 'exclude' && query.groupBy.some((field) => doc[field] == null)) continue;
    const group: Group = Object.fromEntries(
      query.groupBy.map((field) => [field, doc[field] == null ? null : String(doc[field])]),
    );
    if (query.only !== undefined && !query.only.some((only) => query.groupBy.every((field) => only[field] === group[field])))
      continue;
    const key = JSON.stringify(Object.values(group));
    const entry = groups.get(key) ?? { group, docs: [] };
    entry.docs.push(doc);
    groups.set(key, entry);
  }
  const all = [...groups.values()].sort((a, b) => b.docs.length - a.docs.length);
  const kept = all.slice(0, query.maxGroups);
  const rows = kept.flatMap(({ group, docs }) => rowsOf(query, group, docs));
  return {
    ...EMPTY,
    kind: all.length > kept.length ? 'truncated' : 'complete',
    groups: rows,
    matched: inside.length,
    atLeast: all.length,
  };
}

function rowsOf({ bucket, metrics, window }: GroupsQuery, group: Group, docs: readonly Doc[]): readonly GroupRow[] {
  if (bucket === undefined) return [{ group, docs: docs.length, values: measure(metrics, docs) }];
  const starts = [...new Set(docs.map(({ at }) => window.from + Math.floor((at - window.from) / bucket) * bucket))];
  return starts.map((start) => {
    const inside = docs.filter(({ at }) => within({ from: start, to: start + bucket }, at));
    return { group, docs: inside.length, values: measure(metrics, inside), bucket: start };
  });
}

function measure(metrics: Readonly<Record<string, Metric>>, docs: readonly Doc[]): Record<string, Value | null> {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metricOf(metric, docs)]));
}

/** The queries that the tests need: all, a term, a field that is there, and several of these together. */
function matches(filter: QueryDsl, doc: Doc): boolean {
  const { term: wanted, exists, bool } = filter as Record<string, Record<string, unknown> | undefined>;
  const [field, value] = Object.entries(wanted ?? {})[0] ?? [];
  if (field !== undefined && String(doc[field]) !== value) return false;
  if (exists !== undefined && doc[String(exists['field'])] == null) return false;
  return ((bool?.['filter'] ?? []) as readonly QueryDsl[]).every((one) => matches(one, doc));
}

function metricOf(metric: Metric, docs: readonly Doc[]): Value | null {
  const [field, value] = Object.entries((metric.where?.['term'] ?? {}) as Record<string, string>)[0] ?? [];
  const matching = field === undefined ? docs : docs.filter((doc) => String(doc[field]) === value);
  if (metric.of === 'count') return matching.length;
  const valueIn = (doc: Doc) => (metric.field === '@timestamp' ? doc.at : doc[metric.field]);
  const values = matching.toSorted((a, b) => a.at - b.at).flatMap((doc) => valueIn(doc) ?? []);
  const numbers = values.filter((one) => typeof one === 'number');
  if (values.length === 0) return null;
  if (metric.of === 'cardinality') return new Set(values).size;
  if (metric.of === 'last') return values.at(-1) ?? null;
  if (metric.of === 'max') return Math.max(...numbers);
  if (metric.of === 'min') return Math.min(...numbers);
  const sum = numbers.reduce((total, one) => total + one, 0);
  return metric.of === 'sum' ? sum : metric.of === 'avg' ? sum / numbers.length : values.length;
}

function within({ from, to }: TimeRange, at: Instant): boolean {
  return at >= from && at < to;
}
