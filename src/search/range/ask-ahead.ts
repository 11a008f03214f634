import type { Duration, Instant, TimeRange } from '../../core/time.ts';
import type { Answer, Arrived } from '../answer.ts';
import type { GroupsQuery, Query } from '../query.ts';
import { canonicalKey, type Search } from '../search.ts';
import { addSlices } from './add-slices.ts';
import { openAnswer, type RangeAnswer, type RangeQuery, type RangeSearch } from './range-query.ts';
import { addsUp, partQuery, summedFields } from './slice-parts.ts';
import { slicesOf } from './slices.ts';

/** When questions come again. */
export interface Timetable {
  /** The tick that is asked about. */
  now(): Instant;
  /** The ticks after `now`, at most so many, of a schedule on which `previous` and `now` are neighbours; none without such a schedule. */
  ticksAfter(previous: Instant, now: Instant, most: number): readonly Instant[];
}

/** One question as it comes back at every tick: only its window moves, and stays as far from the tick as it was. */
interface Series {
  /** From the tick to the window's begin, ms. */
  readonly offset: Duration;
  /** The tick it was asked at last. */
  at: Instant;
  /** The last window that was fetched begins here. */
  until: Instant;
  /** Answers that were fetched ahead, by the begin of their window; undefined: to be asked alone. */
  readonly ahead: Map<Instant, Arrived | undefined>;
  /** Windows to fetch next time, and how many it may become: less than what could not be answered. */
  batch: number;
  most: number;
  /** Times in a row that fetching ahead brought nothing. */
  vain: number;
  groups: number;
}

const FIRST_BATCH = 16;
const GROWTH = 8;
const LARGEST_BATCH = 20_000;
/** Rows of answers that are kept at once, over all series: some 100 MB. */
const ROWS_KEPT = 400_000;
const VAIN_MOST = 3;
/** Series that are kept before those that ended are looked for. */
const SERIES_KEPT = 2_000;

/**
 * A search port that asks ahead: a question that came at two neighbouring ticks, and differs in its window alone, is asked for many of the
 * ticks that follow in one range query. Every answer is what asking at its tick would give. All other questions pass straight through, and so
 * does each window that a range query leaves open.
 */
export function askAhead(search: Search, ranges: RangeSearch, timetable: Timetable): Search {
  const ahead: Ahead = { ranges, timetable };
  const all = new Map<string, Series>();
  let room = SERIES_KEPT;
  return {
    ask: async (queries, signal) => {
      const at = timetable.now();
      if (all.size > room) {
        dropEnded(all, at);
        room = Math.max(SERIES_KEPT, all.size * 2);
      }
      const looked = queries.map((query) => look(all, query, at));
      await fetchAhead(looked, rowsKept(all.values()), ahead, signal);
      return askRest(looked, search, signal);
    },
  };
}

interface Looked {
  readonly query: Query;
  readonly series: Series | undefined;
  /** The tick before, where the question came then too. */
  readonly previous: Instant | undefined;
  readonly at: Instant;
}

function look(all: Map<string, Series>, query: Query, at: Instant): Looked {
  if (query.kind === 'esql' || (query.kind === 'hits' && (query.within !== undefined || query.first !== undefined)))
    return { query, series: undefined, previous: undefined, at };
  const { from, to } = query.window;
  const key = `${from - at} ${to - at} ${canonicalKey(query)}`;
  const known = all.get(key);
  if (known === undefined) {
    const series: Series = {
      offset: from - at,
      at,
      until: Number.NEGATIVE_INFINITY,
      ahead: new Map(),
      batch: FIRST_BATCH,
      most: LARGEST_BATCH,
      vain: 0,
      groups: 1,
    };
    all.set(key, series);
    return { query, series, previous: undefined, at };
  }
  const previous = known.at === at ? undefined : known.at;
  for (const begin of known.ahead.keys()) {
    if (begin >= from) break;
    known.ahead.delete(begin);
  }
  known.at = at;
  return { query, series: known, previous, at };
}

/** Questions end silently: those with nothing fetched ahead for this tick or a later one may be forgotten. */
function dropEnded(all: Map<string, Series>, now: Instant): void {
  for (const [key, { at, until, offset }] of all) if (at < now && until < now + offset) all.delete(key);
}

interface Fetch {
  readonly series: Series;
  readonly query: Query;
  readonly windows: readonly TimeRange[];
}

/** How questions are asked for ticks to come. */
interface Ahead {
  readonly ranges: RangeSearch;
  readonly timetable: Timetable;
}

function rowsKept(all: Iterable<Series>): number {
  let rows = 0;
  for (const { ahead, groups } of all) rows += ahead.size * Math.max(1, groups);
  return rows;
}

async function fetchAhead(
  looked: readonly Looked[],
  kept: number,
  { ranges, timetable }: Ahead,
  signal: AbortSignal,
): Promise<void> {
  const wanted = looked.filter(
    ({ query, series, previous }) =>
      previous !== undefined && series !== undefined && series.vain < VAIN_MOST && !series.ahead.has(query.window.from),
  );
  const room = Math.max(0, ROWS_KEPT - kept) / Math.max(1, wanted.length);
  const fetches = wanted.flatMap(({ query, series, previous, at }): readonly Fetch[] => {
    if (series === undefined || previous === undefined) return [];
    const most = Math.min(series.batch, Math.floor(room / Math.max(1, series.groups)));
    const ticks = most < 2 ? [] : timetable.ticksAfter(previous, at, most - 1);
    if (ticks.length === 0) return [];
    return [{ series, query, windows: [at, ...ticks].map((tick) => shifted(query.window, tick - at)) }];
  });
  if (fetches.length === 0) return;
  const answers = await askRanges(fetches, ranges, signal);
  for (const [place, { series, windows }] of fetches.entries()) keep(series, windows, answers[place] ?? []);
}

function keep(series: Series, windows: readonly TimeRange[], answers: readonly (Arrived | undefined)[]): void {
  let answered = 0;
  for (const [index, window] of windows.entries()) {
    const answer = answers[index];
    series.ahead.set(window.from, answer);
    series.until = window.from;
    if (answer === undefined) continue;
    answered++;
    series.groups = Math.max(series.groups, answer.groups.length);
  }
  series.vain = answered === 0 ? series.vain + 1 : 0;
  const isPoor = answered * 2 < windows.length;
  if (isPoor) series.most = Math.max(FIRST_BATCH, Math.floor(windows.length / 2));
  series.batch = isPoor ? FIRST_BATCH : Math.min(series.most, series.batch * GROWTH);
}

function shifted({ from, to }: TimeRange, by: Duration): TimeRange {
  return { from: from + by, to: to + by };
}

/** Each question of its windows, or of the slices of which they are made. */
async function askRanges(
  fetches: readonly Fetch[],
  ranges: RangeSearch,
  signal: AbortSignal,
): Promise<readonly (readonly (Arrived | undefined)[])[]> {
  const plans = await Promise.all(fetches.map((fetch) => planOf(fetch, ranges, signal)));
  const asked = plans.flatMap((plan) => plan?.asked ?? []);
  const answers = await ranges.ask(asked, signal);
  let place = 0;
  return plans.map((plan) => {
    if (plan === undefined) return [];
    return plan.read(answers[place++] ?? openAnswer(plan.asked));
  });
}

interface Plan {
  readonly asked: RangeQuery;
  read(answer: RangeAnswer): readonly (Arrived | undefined)[];
}

async function planOf({ query, series, windows }: Fetch, ranges: RangeSearch, signal: AbortSignal): Promise<Plan | undefined> {
  if (query.kind === 'esql') return undefined;
  const slices = slicesOf(windows);
  const counted = query.kind === 'hits' ? countQuery(query) : query;
  const anyOrder = addsUp(counted) && (await sumsExactly(counted, ranges, signal));
  const { groups } = series;
  if (slices !== undefined && anyOrder) {
    const asked = { query: partQuery(counted), windows: slices, anyOrder, groups };
    return { asked, read: (answer) => answersTo(query, addSlices(counted, windows, slices, answer)) };
  }
  return { asked: { query: counted, windows, anyOrder, groups }, read: ({ answers }) => answersTo(query, answers) };
}

async function sumsExactly(query: GroupsQuery, ranges: RangeSearch, signal: AbortSignal): Promise<boolean> {
  const fields = summedFields(query);
  if (fields.length === 0) return true;
  const whole = await ranges.wholeFields(query.source, fields, signal);
  return fields.every((field) => whole.has(field));
}

/** The question how many documents there are. */
function countQuery({ name, source, window, filter }: Query): GroupsQuery {
  return { kind: 'groups', name, source, window, filter, groupBy: [], missing: 'exclude', metrics: {}, maxGroups: 1 };
}

/** For documents, a range query only shows which windows have none. */
function answersTo(query: Query, answers: readonly (Arrived | undefined)[]): readonly (Arrived | undefined)[] {
  if (query.kind !== 'hits') return answers;
  return answers.map((answer) => (answer?.matched === 0 ? { ...answer, groups: [], atLeast: 0 } : undefined));
}

async function askRest(looked: readonly Looked[], search: Search, signal: AbortSignal): Promise<readonly Answer[]> {
  const known = looked.map(({ query, series }) => series?.ahead.get(query.window.from));
  const rest = looked.filter((_, place) => known[place] === undefined);
  const answers =
    rest.length === 0
      ? []
      : await search.ask(
          rest.map(({ query }) => query),
          signal,
        );
  let place = 0;
  return looked.map(({ series }, index): Answer => {
    const ahead = known[index];
    if (ahead !== undefined) return ahead;
    const answer = answers[place++] as Answer;
    if (series !== undefined && answer.kind !== 'failed') series.groups = Math.max(series.groups, answer.groups.length);
    return answer;
  });
}
