import fc from 'fast-check';
import { nextTick, type Schedule, ticksBetween } from '../../../src/core/schedule.ts';
import type { Duration, Instant } from '../../../src/core/time.ts';
import { withArrivals } from '../../../src/replay/arrivals.ts';
import type { Answer } from '../../../src/search/answer.ts';
import type { GroupsQuery, Metric, Query, Source } from '../../../src/search/query.ts';
import { askAhead } from '../../../src/search/range/ask-ahead.ts';
import { askTogether } from '../../../src/search/range/ask-together.ts';
import type { RangeSearch } from '../../../src/search/range/range-query.ts';
import type { Search } from '../../../src/search/search.ts';
import { HOUR_START } from './corpus.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();

/** A question that comes back at each of `ticks` ticks of a schedule. */
export interface Recurring {
  readonly query: Query;
  readonly schedule: Schedule;
  readonly window: Duration;
  readonly delay: Duration;
  readonly ticks: number;
}

const every = (ms: Duration): Schedule => ({ kind: 'every', every: ms });
const cron = (pattern: string, timezone: string): Schedule => ({ kind: 'cron', pattern, timezone });

/** Schedules and windows over the corpus' hour: dense and sparse ones, uneven ones, windows that overlap and that do not. */
export function recurring(questions: fc.Arbitrary<Query>): fc.Arbitrary<Recurring> {
  return fc.record({
    query: questions,
    schedule: fc.constantFrom(
      every(MINUTE),
      every(MINUTE),
      every(90_000),
      every(7 * MINUTE),
      cron('*/5 * * * *', 'UTC'),
      cron('1,2,5,11,30-40 * * * *', 'Europe/Berlin'),
    ),
    window: fc.constantFrom(5 * MINUTE, MINUTE, 3 * MINUTE, 90_000, 20 * MINUTE, 61_234),
    delay: fc.constantFrom(0, 15_000, 1_001),
    ticks: fc.constantFrom(20, 40),
  });
}

/**
 * What each tick of a recurring question is answered, asked tick by tick or ahead; costs and what was sent are left out. `arrival`: the field with
 * the times at which documents arrived.
 */
export async function answersOf(
  recurring: Recurring,
  all: Search,
  ranges?: RangeSearch,
  arrival?: string,
): Promise<readonly unknown[]> {
  const { query, schedule, window, delay, ticks } = recurring;
  let now = HOUR_START - 10 * MINUTE;
  const search = arrival === undefined ? all : withArrivals(all, arrival, () => now);
  const asking = ranges === undefined ? search : askAhead(search, ranges, { ...timetableOf(schedule, () => now), arrival });
  const answers: unknown[] = [];
  for (let asked = 0; asked < ticks; asked++) {
    now = nextTick(schedule, now) ?? now;
    const to = now - delay;
    const [answer] = await asking.ask([{ ...query, window: { from: to - window, to } }], signal);
    answers.push({ at: new Date(now).toISOString(), answer: answer && comparable(answer) });
  }
  return answers;
}

/** What the first ten ticks of a recurring question are answered in one turn that catches up: asked together, in rounds. */
export async function answersTogether(recurring: Recurring, search: Search, ranges?: RangeSearch): Promise<readonly unknown[]> {
  const { query, schedule, window, delay } = recurring;
  const ticks = ticksBetween(schedule, HOUR_START, Number.POSITIVE_INFINITY, 10).ticks;
  const questions = ticks.map((at) => ({ ...query, window: { from: at - delay - window, to: at - delay } }));
  const limit = (parent: AbortSignal) => ({ signal: parent, end: () => undefined });
  const now = ticks.at(-1) ?? HOUR_START;
  const asking =
    ranges === undefined ? search : askTogether(search, { ranges, now, alone: new Map(), limit }, questions.slice(1, -1));
  const all: unknown[] = [];
  for (const question of questions) {
    const [answer] = await asking.ask([question], signal);
    all.push({ from: new Date(question.window.from).toISOString(), answer: answer && comparable(answer) });
  }
  return all;
}

function timetableOf(schedule: Schedule, now: () => Instant) {
  return {
    now,
    ticksAfter: (previous: Instant, at: Instant, most: number) =>
      nextTick(schedule, previous) === at ? ticksBetween(schedule, at, Number.POSITIVE_INFINITY, most).ticks : [],
  };
}

function comparable(answer: Answer): unknown {
  const { sent: _sent, cost: _cost, ...rest } = answer;
  return rest;
}

const metric: fc.Arbitrary<Metric> = fc.constantFrom<Metric>(
  { of: 'count', where: { term: { level: 'error' } } },
  { of: 'sum', field: 'load' },
  { of: 'avg', field: 'load' },
  { of: 'sum', field: 'code' },
  { of: 'avg', field: 'code', where: { exists: { field: 'ok' } } },
  { of: 'min', field: 'load' },
  { of: 'max', field: 'started' },
  { of: 'value_count', field: 'code' },
  { of: 'last', field: 'level' },
  { of: 'last', field: 'code', all: true },
);

/** Questions as rules ask them: of all documents, by a field or two, of metrics most of which add up, and often of too few groups. */
export function plainQuestions(source: Source): fc.Arbitrary<GroupsQuery> {
  return fc.record({
    kind: fc.constant('groups' as const),
    name: fc.constant('main'),
    source: fc.constant(source),
    window: fc.constant({ from: HOUR_START, to: HOUR_START + MINUTE }),
    filter: fc.constant({ match_all: {} }),
    groupBy: fc.constantFrom<readonly string[]>([], ['level'], ['level'], ['code'], ['level', 'ok']),
    missing: fc.constantFrom('exclude' as const, 'include' as const),
    metrics: fc.dictionary(fc.constantFrom('a', 'b', 'c'), metric, { maxKeys: 3 }),
    maxGroups: fc.constantFrom(2, 4, 1_000),
  });
}
