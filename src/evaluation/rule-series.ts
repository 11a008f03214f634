import { type Thresholds, thresholdsOf } from '../conditions/thresholds.ts';
import type { Json } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import { groupsQuery } from '../rule-types/grouped-question.ts';
import type { Input, Reading, RuleType } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { Answers, Arrived } from '../search/answer.ts';
import { groupKey, isSameGroup } from '../search/group-key.ts';
import type { Group, Query } from '../search/query.ts';
import { askWindows } from '../search/range/ask-windows.ts';
import type { RangeSearch } from '../search/range/range-query.ts';
import { canonicalKey } from '../search/search.ts';
import { atTick } from '../search/tick-as-now.ts';
import { groupFilter } from './evidence/evidence.ts';
import { inputAt, ticksOf } from './series-ticks.ts';
import type { TickReadings } from './tick-readings.ts';

/** Points of a series at most. */
export const SERIES_POINTS = 300;

/** The number of documents, as conditions name it. */
const DOCUMENTS = 'count';

/** One value of one group over time, as a chart draws it. */
export interface Series {
  readonly group: Group;
  /** The value's name in conditions; `count`, the number of documents, where the rule measures no number. */
  readonly value: string;
  /** Ticks of the rule, oldest first. */
  readonly times: readonly Instant[];
  /** One for each time: null where nothing was measured, and where it is not known. */
  readonly values: readonly (number | null)[];
  /** All that was measured of the group at each time; undefined: nothing, or it is not known. */
  readonly readings: readonly (Reading['values'] | undefined)[];
  /** What the conditions compare this value with; undefined: with no number. */
  readonly thresholds: Thresholds | undefined;
}

/** What a series is of; `group` is `{}` for a rule without group_by. */
export interface SeriesSubject {
  readonly rule: Rule;
  readonly type: RuleType<unknown, Json>;
  readonly group: Group;
}

/** Where a series comes from: `ticks` reads what a rule measured that is asked tick by tick. */
export interface SeriesSearch {
  readonly ranges: RangeSearch;
  ticks?(): Promise<readonly TickReadings[]>;
}

type SeriesInput = Input<unknown, Json>;

/**
 * What a rule measured of one group at its ticks in `(from, to]`, or at so many of them, evenly spread, as a series has points: peaks between those are
 * not seen. One range query (a spike with references far away, or a rule with `now` in its query: one for each different question), and no search
 * beside it: what it leaves open is null. Memory plays no part, so that `change`, `new_term` and `match` show the number of documents. A rule of
 * type `esql` answers one window at a time: its series is that of the ticks that `ticks` has read. Undefined without it, where it has read nothing, and
 * where no tick lies in the range.
 */
export async function ruleSeries(
  subject: SeriesSubject,
  range: TimeRange,
  { ranges, ticks }: SeriesSearch,
  signal: AbortSignal,
): Promise<Series | undefined> {
  const { rule, type, group } = subject;
  const narrowed: Rule = { ...rule, filter: groupFilter(rule, group) };
  const inputs = ticksOf(rule.schedule, range, SERIES_POINTS).map((at) => inputAt(narrowed, [group], at));
  const asked = inputs.map((input) => questionsOf(type, input));
  if (asked.length === 0) return undefined;
  if (asked.some((queries) => queries.some(({ kind }) => kind === 'esql')))
    return seriesOfTicks(subject, (await ticks?.()) ?? []);
  const answerTo = await askAllWindows(asked.flat(), ranges, signal);
  const points = inputs.map((input, place) => {
    const answers = answersOf(asked[place] ?? [], answerTo);
    return {
      at: input.at,
      reading: answers && readingOf(subject, input, answers),
      docs: answers && docsOf(subject, asked[place]?.[0], answers),
    };
  });
  return seriesOf(subject, points);
}

/** One point of a series, before it is known which of the values it shows. */
interface Point {
  readonly at: Instant;
  readonly reading: Reading | undefined;
  readonly docs: number | undefined;
}

function seriesOfTicks(subject: SeriesSubject, ticks: readonly TickReadings[]): Series | undefined {
  const { rule, group } = subject;
  const points = ticks.map(({ at, readings }) => {
    const reading = readings.find((one) => isSameGroup(rule.groupBy, one.group, group));
    return { at, reading: reading?.present === true ? reading : undefined, docs: undefined };
  });
  return points.every(({ reading }) => reading === undefined) ? undefined : seriesOf(subject, points);
}

function seriesOf({ rule, group }: SeriesSubject, points: readonly Point[]): Series {
  const thresholds = thresholdsOf(rule.levels.map(({ condition }) => condition.text));
  const value = valueName(points, thresholds) ?? DOCUMENTS;
  return {
    group,
    value,
    times: points.map(({ at }) => at),
    values: points.map(({ reading, docs }) => numberIn(reading, value) ?? (value === DOCUMENTS ? (docs ?? null) : null)),
    readings: points.map(({ reading }) => reading?.values),
    thresholds: thresholds?.value === value ? thresholds : undefined,
  };
}

/** The first questions about a tick; a rule whose documents are events is asked how many there are. */
function questionsOf(type: RuleType<unknown, Json>, input: SeriesInput): readonly Query[] {
  const first = typed(() => type.ask(input, new Map())) ?? [];
  const queries =
    first.length > 0 && first.every(({ kind }) => kind !== 'hits') ? first : [groupsQuery(input.spec, DOCUMENTS, input.window)];
  return queries.map((query) => atTick(query, input.at));
}

/** Asks each different question about all of its windows, and gives where to find the answers. */
async function askAllWindows(
  queries: readonly Query[],
  ranges: RangeSearch,
  signal: AbortSignal,
): Promise<(query: Query) => Arrived | undefined> {
  const questions = new Map<string, { readonly query: Query; readonly windows: Map<string, TimeRange> }>();
  for (const query of queries) {
    const question = questions.get(canonicalKey(query)) ?? { query, windows: new Map() };
    questions.set(canonicalKey(query), question);
    question.windows.set(boundsOf(query.window), query.window);
  }
  const asked = [...questions.values()].map(({ query, windows }) => ({
    query,
    windows: [...windows.values()].sort((a, b) => a.from - b.from || a.to - b.to),
    groups: 1,
  }));
  const answers = await askWindows(asked, ranges, signal);
  const found = new Map<string, Arrived | undefined>();
  for (const [place, { query, windows }] of asked.entries())
    for (const [index, window] of windows.entries())
      found.set(`${boundsOf(window)} ${canonicalKey(query)}`, answers[place]?.[index]);
  return (query) => found.get(`${boundsOf(query.window)} ${canonicalKey(query)}`);
}

function boundsOf({ from, to }: TimeRange): string {
  return `${from} ${to}`;
}

/** The answers about one tick by name; undefined where one is open. */
function answersOf(queries: readonly Query[], answerTo: (query: Query) => Arrived | undefined): Answers | undefined {
  const answers = new Map<string, Arrived>();
  for (const query of queries) {
    const answer = answerTo(query);
    if (answer === undefined) return undefined;
    answers.set(query.name, answer);
  }
  return answers;
}

function readingOf({ rule, type, group }: SeriesSubject, input: SeriesInput, answers: Answers): Reading | undefined {
  const key = groupKey(rule.groupBy, group);
  const measured = typed(() => type.measure(input, answers));
  return measured?.readings.find((reading) => groupKey(rule.groupBy, reading.group) === key);
}

function docsOf({ rule, group }: SeriesSubject, query: Query | undefined, answers: Answers): number | undefined {
  const answer = answers.get(query?.name ?? '');
  if (answer?.kind !== 'complete') return undefined;
  if (rule.groupBy.length === 0) return answer.matched;
  const key = groupKey(rule.groupBy, group);
  return answer.groups.find((row) => groupKey(rule.groupBy, row.group) === key)?.docs ?? 0;
}

/** The value that conditions compare, else the first that is a number anywhere. */
function valueName(
  points: readonly { readonly reading: Reading | undefined }[],
  thresholds: Thresholds | undefined,
): string | undefined {
  const names = points.flatMap(({ reading }) =>
    Object.keys(reading?.values ?? {}).filter((name) => numberIn(reading, name) !== null),
  );
  return thresholds !== undefined && names.includes(thresholds.value) ? thresholds.value : names[0];
}

function numberIn(reading: Reading | undefined, name: string): number | null {
  const value = reading === undefined ? undefined : own(reading.values, name);
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A rule type that throws over a rule costs points, not the series. */
function typed<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
