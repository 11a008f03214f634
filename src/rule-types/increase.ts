import { own } from '../core/record.ts';
import type { TimeRange } from '../core/time.ts';
import type { Answers, GroupRow } from '../search/answer.ts';
import { groupKey } from '../search/group-key.ts';
import type { Group, GroupsQuery, QueryDsl } from '../search/query.ts';
import { countedBy, groupsQuery, stillToAsk } from './grouped-question.ts';
import type { Spec } from './rule-type.ts';

/**
 * The growth of a counter within a window. `by` names the fields that distinguish the counters of one group (none: a group is one
 * counter); `where` narrows the documents.
 */
export interface Increase {
  readonly of: 'increase';
  readonly field: string;
  readonly by: readonly string[];
  readonly where?: QueryDsl;
}

/** One increase of one window: the rule, the question's name within the evaluation, the window, and the groups that live. */
export interface IncreaseQuestion {
  readonly spec: Spec<unknown>;
  readonly name: string;
  readonly window: TimeRange;
  readonly increase: Increase;
  readonly known: readonly Group[];
}

const EXTREMES = { low: { of: 'min' }, high: { of: 'max' } } as const;
/** Counters of groups that have several each: more than groups, as each group may have many. */
const MOST_SERIES = 10_000;

/**
 * Questions for an increase: first the lowest and highest value of each counter, then the samples of those that moved, each at its
 * own millisecond. Most counters are constant most of the time, and cost only a maximum.
 */
export function askIncrease(question: IncreaseQuestion, soFar: Answers): readonly GroupsQuery[] {
  const series = seriesQuestion(question);
  const open = stillToAsk(series, wantedSeries(question), soFar);
  if (open.length > 0) return open;
  const moved = movedSeries(question, soFar);
  const samples = samplesQuestion(question, moved);
  return moved.length === 0 || soFar.has(samples.name) ? [] : [samples];
}

/**
 * The increase of each group that has a value, by `groupKey`: over its counters, the sum of what each value adds to the one before. A
 * value lower than the one before is a reset: it adds itself. The first value of a counter in the window adds nothing. A group whose
 * counters did not all come back is left out.
 */
export function increasesOf(question: IncreaseQuestion, answers: Answers): ReadonlyMap<string, number> {
  const { groupBy, missing } = question.spec;
  const fields = seriesFields(question);
  const growth = growthOf(fields, answers.get(samplesQuestion(question, []).name)?.groups ?? []);
  const totals = new Map<string, number>();
  for (const row of seriesRows(question, answers)) {
    if (row.values['low'] === null) continue;
    if (missing === 'exclude' && groupBy.some((field) => (own(row.group, field) ?? null) === null)) continue;
    const key = groupKey(groupBy, row.group);
    totals.set(key, (totals.get(key) ?? 0) + (growth.get(groupKey(fields, row.group)) ?? 0));
  }
  const unsure = incompleteGroup(question, answers);
  if (unsure !== undefined) totals.delete(unsure);
  return totals;
}

/** What a counter with these values, oldest first, grew by. */
export function increaseOf(values: readonly number[]): number {
  return values.slice(1).reduce((sum, value, index) => {
    const before = values[index] ?? value;
    return sum + (value < before ? value : value - before);
  }, 0);
}

function growthOf(fields: readonly string[], rows: readonly GroupRow[]): ReadonlyMap<string, number> {
  const samples = new Map<string, number[]>();
  for (const row of rows.toSorted((a, b) => (a.bucket ?? 0) - (b.bucket ?? 0))) {
    const value = row.values['high'];
    if (typeof value !== 'number') continue;
    const key = groupKey(fields, row.group);
    const earlier = samples.get(key);
    if (earlier === undefined) samples.set(key, [value]);
    else earlier.push(value);
  }
  return new Map([...samples].map(([key, values]) => [key, increaseOf(values)]));
}

function seriesFields({ spec, increase }: IncreaseQuestion): readonly string[] {
  return [...new Set([...spec.groupBy, ...increase.by])];
}

/** A counter without one of the `by` fields is a counter too. */
function seriesQuestion(question: IncreaseQuestion): GroupsQuery {
  const { spec, name, window, increase } = question;
  const { field, by, where } = increase;
  const having: QueryDsl = { exists: { field } };
  const filter: QueryDsl = { bool: { filter: [spec.filter, having, ...(where === undefined ? [] : [where])] } };
  const low = { ...EXTREMES.low, field };
  const high = { ...EXTREMES.high, field };
  const series = by.length === 0 ? {} : { missing: 'include' as const, maxGroups: Math.max(spec.maxGroups, MOST_SERIES) };
  return groupsQuery({ ...spec, filter, groupBy: seriesFields(question), ...series }, `${name}/series`, window, { low, high });
}

/** Living groups are asked for by name where the answer is truncated; of groups with several counters the names are not known. */
function wantedSeries({ increase, known }: IncreaseQuestion): readonly Group[] {
  return increase.by.length === 0 ? known : [];
}

function seriesRows(question: IncreaseQuestion, answers: Answers): readonly GroupRow[] {
  return [...countedBy(seriesQuestion(question), wantedSeries(question), answers).rows.values()];
}

function movedSeries(question: IncreaseQuestion, answers: Answers): readonly Group[] {
  return seriesRows(question, answers)
    .filter(({ values: { low, high } }) => low !== high)
    .map(({ group }) => group);
}

function samplesQuestion(question: IncreaseQuestion, moved: readonly Group[]): GroupsQuery {
  const series = seriesQuestion(question);
  const { high } = series.metrics;
  const only = series.groupBy.length === 0 ? {} : { only: moved, maxGroups: Math.max(series.maxGroups, moved.length) };
  return { ...series, name: `${question.name}/samples`, metrics: high === undefined ? {} : { high }, bucket: 1, ...only };
}

/** Counters come in the order of their groups: in an answer that was cut off, the last group may lack some. */
function incompleteGroup(question: IncreaseQuestion, answers: Answers): string | undefined {
  const series = answers.get(seriesQuestion(question).name);
  const last = series?.groups.at(-1);
  if (question.increase.by.length === 0 || series?.kind !== 'truncated' || last === undefined) return undefined;
  return groupKey(question.spec.groupBy, last.group);
}
