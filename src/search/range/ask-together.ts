import { type Duration, type Instant, MINUTE, type TimeLimit, type TimeRange } from '../../core/time.ts';
import type { Answer, Arrived } from '../answer.ts';
import type { Query } from '../query.ts';
import { canonicalKey, type Search } from '../search.ts';
import { askWindows, type QuestionOverWindows, spansWindows } from './ask-windows.ts';
import type { RangeSearch } from './range-query.ts';

/** What asking together needs besides the search port. */
export interface TogetherPorts {
  readonly ranges: RangeSearch;
  readonly now: Instant;
  /** Questions of which range queries brought nothing, and until when they are asked alone. What is lost of it costs searches. */
  readonly alone: Map<string, Instant>;
  /** Limits the time of range queries, so that enough is left to ask each window alone. */
  readonly limit: (parent: AbortSignal) => TimeLimit;
}

/** How long a question is asked alone after a range query that brought nothing, and how many such questions are remembered. */
const ALONE_FOR: Duration = 10 * MINUTE;
const MOST_ALONE = 200;
/** Questions asked at once, before the rows are counted that are kept. */
const QUESTIONS_AT_ONCE = 12;
/** Rows of answers that are kept at once: some 25 MB. */
const ROWS_KEPT = 100_000;
/** More groups than these are not expected: a search that has more is refused, and divided. */
const MOST_GROUPS = 1_000;

/** A question and its windows, by their bounds. */
interface Together {
  readonly key: string;
  readonly query: Query;
  readonly windows: Map<string, TimeRange>;
}

/**
 * A search port for one turn: a question about several windows is one range query, such as that of a window and its references. `coming` are the
 * questions that are expected later in this turn: they are asked together with the first of their kind. Every answer is what asking alone at that
 * moment gives, and is forgotten with the port: no turn is answered from what an earlier one asked. What a range query leaves open is asked alone.
 */
export function askTogether(search: Search, ports: TogetherPorts, coming: readonly Query[]): Search {
  const following = windowsByKey(coming);
  const known = new Map<string, Map<string, Arrived>>();
  const kept = { rows: 0, isOver: false };
  return {
    ask: async (queries, signal) => {
      const keys = queries.map((query) => (spansWindows(query) ? canonicalKey(query) : undefined));
      const answerOf = (place: number) => known.get(keys[place] ?? '')?.get(boundsOf(queries[place]));
      const open = queries.filter((_query, place) => answerOf(place) === undefined);
      const questions = windowsByKey(open);
      for (const [key, { windows }] of questions) {
        for (const [bounds, window] of following.get(key)?.windows ?? []) windows.set(bounds, window);
        following.delete(key);
      }
      await fetchTogether(worthIt([...questions.values()], ports), { ports, known, kept, signal });
      const rest = queries.filter((_query, place) => answerOf(place) === undefined);
      const answers = rest.length === 0 ? [] : await search.ask(rest, signal);
      let next = 0;
      return queries.map((query, place): Answer => {
        const answer = answerOf(place);
        return answer === undefined ? (answers[next++] as Answer) : { ...answer, sent: ports.ranges.sent(query) };
      });
    },
  };
}

function windowsByKey(queries: readonly Query[]): Map<string, Together> {
  const all = new Map<string, Together>();
  for (const query of queries) {
    if (!spansWindows(query)) continue;
    const key = canonicalKey(query);
    const known = all.get(key) ?? { key, query, windows: new Map<string, TimeRange>() };
    all.set(key, known);
    known.windows.set(boundsOf(query), query.window);
  }
  return all;
}

function boundsOf(query: Query | undefined): string {
  return query === undefined ? '' : `${query.window.from} ${query.window.to}`;
}

/** Questions about several windows; those that share their searches with as many others anyway are left as they are. */
function worthIt(questions: readonly Together[], { ranges, alone, now }: TogetherPorts): readonly Together[] {
  const several = questions.filter(
    (question) => question.windows.size > 1 && (alone.get(question.key) ?? now) <= now && mostRows(question) <= ROWS_KEPT,
  );
  if (several.length === 0) return [];
  const sharing = new Set(questions.filter(({ query }) => ranges.shares(query)));
  return several.filter((question) => !sharing.has(question) || sharing.size < question.windows.size);
}

interface Fetching {
  readonly ports: TogetherPorts;
  readonly known: Map<string, Map<string, Arrived>>;
  readonly kept: { rows: number; isOver: boolean };
  readonly signal: AbortSignal;
}

async function fetchTogether(questions: readonly Together[], { ports, known, kept, signal }: Fetching): Promise<void> {
  if (questions.length === 0 || kept.isOver) return;
  const limit = ports.limit(signal);
  try {
    for (const some of portionsOf(questions)) {
      if (kept.isOver) return;
      const asked = some.map(overWindows);
      const answers = await askWindows(asked, ports.ranges, limit.signal);
      for (const [place, { key }] of some.entries()) {
        const arrived = arrivedOf(asked[place]?.windows ?? [], answers[place] ?? []);
        for (const { groups } of arrived.values()) kept.rows += groups.length;
        if (arrived.size > 0) known.set(key, new Map([...(known.get(key) ?? []), ...arrived]));
        else if (!signal.aborted) askAlone(key, ports);
      }
      kept.isOver = kept.rows > ROWS_KEPT || limit.signal.aborted;
    }
  } finally {
    limit.end();
  }
}

/** Questions that are asked at once, by how many rows they may have at most. */
function portionsOf(questions: readonly Together[]): readonly (readonly Together[])[] {
  const portions: Together[][] = [];
  let rows = 0;
  for (const question of questions) {
    const portion = portions.at(-1);
    rows += mostRows(question);
    if (portion === undefined || portion.length >= QUESTIONS_AT_ONCE || rows > ROWS_KEPT) {
      portions.push([question]);
      rows = mostRows(question);
    } else portion.push(question);
  }
  return portions;
}

function mostRows({ query, windows }: Together): number {
  return windows.size * (query.kind === 'groups' && query.groupBy.length > 0 ? query.maxGroups : 1);
}

function arrivedOf(windows: readonly TimeRange[], answers: readonly (Arrived | undefined)[]): ReadonlyMap<string, Arrived> {
  const arrived = new Map<string, Arrived>();
  for (const [place, { from, to }] of windows.entries()) {
    const answer = answers[place];
    if (answer !== undefined) arrived.set(`${from} ${to}`, answer);
  }
  return arrived;
}

function overWindows({ query, windows }: Together): QuestionOverWindows {
  const sorted = [...windows.values()].sort((a, b) => a.from - b.from || a.to - b.to);
  return { query, windows: sorted, groups: query.kind === 'groups' ? Math.min(query.maxGroups, MOST_GROUPS) : 1 };
}

function askAlone(key: string, { alone, now }: TogetherPorts): void {
  alone.delete(key);
  alone.set(key, now + ALONE_FOR);
  const [oldest] = alone.keys();
  if (alone.size > MOST_ALONE && oldest !== undefined) alone.delete(oldest);
}
