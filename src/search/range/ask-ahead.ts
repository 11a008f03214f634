import { groupedBy } from '../../core/grouped-by.ts';
import type { Duration, Instant, TimeRange } from '../../core/time.ts';
import type { Answer, Arrived } from '../answer.ts';
import type { Query } from '../query.ts';
import { canonicalKey, type Search } from '../search.ts';
import { askWindows, type QuestionOverWindows, spansWindows } from './ask-windows.ts';
import { type FullAnswer, fullAnswer, withNewestArrival } from './late-documents.ts';
import type { RangeSearch } from './range-query.ts';

/** When questions come again. */
export interface Timetable {
  /** The field that says when documents arrived, where a question at a tick is about those that had arrived by then: `search` asks so. */
  readonly arrival?: string | undefined;
  /** The tick that is asked about. */
  now(): Instant;
  /** The ticks after `now`, at most so many, of a schedule on which `previous` and `now` are neighbours; none without such a schedule. */
  ticksAfter(previous: Instant, now: Instant, most: number): readonly Instant[];
}

/** One question as it comes back at every tick: only its windows move. */
interface Recurring {
  /** Its windows by how far they begin from the tick, ms: one, or with references as many as are compared. */
  readonly places: Map<Duration, Place>;
  /** Answers that were fetched ahead, by the begin of their window; undefined: to be asked alone. */
  readonly ahead: Map<Instant, FullAnswer | undefined>;
  /** Ticks to fetch next time, and how many it may become: less than what could not be answered. */
  batch: number;
  most: number;
  /** Times in a row that fetching ahead brought nothing. */
  vain: number;
  groups: number;
}

/** A window that stays as far from the tick as it was. */
interface Place {
  /** The tick it was asked at last. */
  at: Instant;
  /** The last window that was fetched for it begins here. */
  until: Instant;
}

const FIRST_BATCH = 16;
const GROWTH = 8;
const LARGEST_BATCH = 20_000;
/** Rows of answers that are kept at once, over all questions: some 100 MB. */
const ROWS_KEPT = 400_000;
/** Of them, rows that are kept for a reference of a later tick; beyond it they are fetched again. */
const ROWS_FOR_LATER = ROWS_KEPT / 4;
const VAIN_MOST = 3;
/** Questions that are kept before those that ended are looked for. */
const QUESTIONS_KEPT = 2_000;
/** Windows of one question at one tick, before those that come no more are looked for; a spike has 31. */
const PLACES_KEPT = 64;
/** So few windows are one search, however far they lie apart. */
const FEW_WINDOWS = 64;

/**
 * A search port that asks ahead: a question that came at two neighbouring ticks, and differs in its window alone, is asked for many of the
 * ticks that follow in one range query. A window that comes again, such as the reference of a later tick, is asked for once. Every answer is what
 * asking at its tick would give. All other questions pass straight through, and so does each window that a range query leaves open.
 */
export function askAhead(search: Search, ranges: RangeSearch, timetable: Timetable): Search {
  const ahead: Ahead = { ranges, timetable };
  const all = new Map<string, Recurring>();
  let room = QUESTIONS_KEPT;
  return {
    ask: async (queries, signal) => {
      const at = timetable.now();
      if (all.size > room) {
        dropEnded(all, at);
        room = Math.max(QUESTIONS_KEPT, all.size * 2);
      }
      const looked = queries.map((query) => look(all, query, at));
      if (looked.some(isWanted)) await fetchAhead(looked, all, ahead, signal);
      return askRest(looked, search, signal);
    },
    known: (queries) => knownOf(all, queries, timetable.now()),
  };
}

/** The answers to questions that were all asked for ahead; they then count as asked at this tick. */
function knownOf(all: ReadonlyMap<string, Recurring>, queries: readonly Query[], at: Instant): readonly Answer[] | undefined {
  const places: Place[] = [];
  const answers: Answer[] = [];
  for (const query of queries) {
    const question = spansWindows(query) ? all.get(keyOf(query)) : undefined;
    const place = question?.places.get(query.window.from - at);
    const full = question?.ahead.get(query.window.from);
    if (place === undefined || full === undefined || full.after >= at) return undefined;
    places.push(place);
    answers.push(full.answer);
  }
  for (const place of places) place.at = at;
  return answers;
}

function keyOf(query: Query): string {
  const { from, to } = query.window;
  return `${to - from} ${canonicalKey(query)}`;
}

interface Looked {
  readonly query: Query;
  readonly question: Recurring | undefined;
  /** The tick before, where the question came for this place then too. */
  readonly previous: Instant | undefined;
  readonly at: Instant;
}

function look(all: Map<string, Recurring>, query: Query, at: Instant): Looked {
  if (!spansWindows(query)) return { query, question: undefined, previous: undefined, at };
  const key = keyOf(query);
  const question = all.get(key) ?? newQuestion();
  all.set(key, question);
  const offset = query.window.from - at;
  const place = question.places.get(offset);
  if (place === undefined) {
    if (question.places.size >= PLACES_KEPT)
      for (const [old, { at: last }] of question.places) if (last < at) question.places.delete(old);
    question.places.set(offset, { at, until: Number.NEGATIVE_INFINITY });
    return { query, question, previous: undefined, at };
  }
  const previous = place.at === at ? undefined : place.at;
  place.at = at;
  return { query, question, previous, at };
}

function newQuestion(): Recurring {
  return { places: new Map(), ahead: new Map(), batch: FIRST_BATCH, most: LARGEST_BATCH, vain: 0, groups: 1 };
}

/** Drops what no window of a tick to come can be; what was fetched out of order goes a little later. */
function dropPast({ places, ahead }: Recurring, at: Instant): void {
  let lowest = Number.POSITIVE_INFINITY;
  for (const offset of places.keys()) lowest = Math.min(lowest, offset);
  for (const begin of ahead.keys()) {
    if (begin >= at + lowest) break;
    ahead.delete(begin);
  }
}

/** Drops answers that are kept for the references of later ticks alone. */
function dropKeptForLater({ places, ahead }: Recurring, at: Instant): void {
  const fetched = [...places].map(([offset, { until }]) => ({ from: at + offset, until }));
  for (const begin of ahead.keys()) if (!fetched.some(({ from, until }) => begin >= from && begin <= until)) ahead.delete(begin);
}

/** Questions end silently: those with nothing fetched ahead for this tick or a later one may be forgotten. */
function dropEnded(all: Map<string, Recurring>, now: Instant): void {
  for (const [key, { places }] of all) {
    const hasEnded = [...places].every(([offset, { at, until }]) => at < now && until < now + offset);
    if (hasEnded) all.delete(key);
  }
}

/** How questions are asked for ticks to come. */
interface Ahead {
  readonly ranges: RangeSearch;
  readonly timetable: Timetable;
}

function rowsKept(all: ReadonlyMap<string, Recurring>): number {
  let rows = 0;
  for (const { ahead, groups } of all.values()) rows += ahead.size * Math.max(1, groups);
  return rows;
}

/** What is asked ahead of one question: runs of windows, each one range query. */
interface Fetch {
  readonly question: Recurring;
  readonly runs: readonly QuestionOverWindows[];
  /** How many ticks they are of. */
  readonly ticks: number;
}

function isWanted(one: Looked): one is Looked & { readonly question: Recurring } {
  const { query, question, previous } = one;
  return previous !== undefined && question !== undefined && question.vain < VAIN_MOST && !question.ahead.has(query.window.from);
}

async function fetchAhead(
  looked: readonly Looked[],
  all: ReadonlyMap<string, Recurring>,
  { ranges, timetable }: Ahead,
  signal: AbortSignal,
): Promise<void> {
  const wanted = groupedBy(looked.filter(isWanted), ({ question }) => question);
  // Here and not at every tick: what was deleted at the front of a map is passed over each time that its keys are looked at.
  for (const question of all.values()) dropPast(question, timetable.now());
  if (rowsKept(all) > ROWS_FOR_LATER) for (const question of all.values()) dropKeptForLater(question, timetable.now());
  const room = Math.max(0, ROWS_KEPT - rowsKept(all)) / wanted.size;
  const fetches = [...wanted].flatMap(([question, places]) => fetchOf(question, places, room, timetable) ?? []);
  const answers = await askWindows(
    fetches.flatMap(({ runs }) => runs),
    ranges,
    signal,
  );
  let next = 0;
  for (const fetch of fetches) {
    const arrived = fetch.runs.flatMap(() => answers[next++] ?? []);
    keep(fetch, arrived, timetable.arrival);
  }
}

function fetchOf(question: Recurring, looked: readonly Looked[], room: number, timetable: Timetable): Fetch | undefined {
  const most = Math.min(question.batch, Math.floor(room / Math.max(1, question.groups) / looked.length));
  const windows = new Map<Instant, TimeRange>();
  let [step, longest] = [0, 0];
  for (const { query, previous, at } of looked) {
    const ticks = most < 2 || previous === undefined ? [] : timetable.ticksAfter(previous, at, most - 1);
    let before = at;
    longest = Math.max(longest, ticks.length + 1);
    for (const tick of ticks.length === 0 ? [] : [at, ...ticks]) {
      const window = shifted(query.window, tick - at);
      if (!question.ahead.has(window.from)) windows.set(window.from, window);
      const place = question.places.get(query.window.from - at);
      if (place !== undefined) place.until = window.from;
      step = Math.max(step, tick - before);
      before = tick;
    }
  }
  const [first] = looked;
  if (windows.size === 0 || first === undefined) return undefined;
  const sorted = [...windows.values()].sort((a, b) => a.from - b.from);
  const runs = sorted.length <= FEW_WINDOWS ? [sorted] : runsOf(sorted, step);
  const query = withNewestArrival(first.query, timetable.arrival);
  const asked = runs.map((run) => ({ query, windows: run, groups: question.groups }));
  return { question, runs: asked, ticks: longest };
}

/** Windows that follow each other no farther apart than ticks do. */
function runsOf(windows: readonly TimeRange[], step: Duration): readonly (readonly TimeRange[])[] {
  const runs: TimeRange[][] = [];
  for (const window of windows) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run === undefined || before === undefined || window.from - before.from > step) runs.push([window]);
    else run.push(window);
  }
  return runs;
}

function keep({ question, runs, ticks }: Fetch, answers: readonly (Arrived | undefined)[], arrival: string | undefined): void {
  const windows = runs.flatMap((run) => run.windows);
  let answered = 0;
  for (const [index, window] of windows.entries()) {
    const full = fullAnswer(answers[index], arrival);
    question.ahead.set(window.from, full);
    if (full === undefined) continue;
    answered++;
    question.groups = Math.max(question.groups, full.answer.groups.length);
  }
  question.vain = answered === 0 ? question.vain + 1 : 0;
  const isPoor = answered * 2 < windows.length;
  if (isPoor) question.most = Math.max(FIRST_BATCH, Math.floor(ticks / 2));
  question.batch = isPoor ? FIRST_BATCH : Math.min(question.most, question.batch * GROWTH);
}

function shifted({ from, to }: TimeRange, by: Duration): TimeRange {
  return { from: from + by, to: to + by };
}

async function askRest(looked: readonly Looked[], search: Search, signal: AbortSignal): Promise<readonly Answer[]> {
  const known = looked.map(({ query, question, at }) => {
    const full = question?.ahead.get(query.window.from);
    return full !== undefined && full.after < at ? full.answer : undefined;
  });
  const rest = looked.filter((_, place) => known[place] === undefined);
  const answers =
    rest.length === 0
      ? []
      : await search.ask(
          rest.map(({ query }) => query),
          signal,
        );
  let place = 0;
  return looked.map(({ question }, index): Answer => {
    const ahead = known[index];
    if (ahead !== undefined) return ahead;
    const answer = answers[place++] as Answer;
    if (question !== undefined && answer.kind !== 'failed') question.groups = Math.max(question.groups, answer.groups.length);
    return answer;
  });
}
