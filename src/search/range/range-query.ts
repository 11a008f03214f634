import type { Json } from '../../core/json.ts';
import type { Duration, TimeRange } from '../../core/time.ts';
import type { Arrived } from '../answer.ts';
import type { Query, Source } from '../query.ts';

/** One question over many windows: what a chart asks, and what a replay of the past asks once instead of tick by tick. */
export interface RangeQuery {
  /** The question; its own window says nothing here. */
  readonly query: Query;
  /** Oldest first; they may overlap. */
  readonly windows: readonly TimeRange[];
  /** No value of the answers depends on the order in which parts of them are put together, such as those of shards. */
  readonly anyOrder: boolean;
  /** How many groups a window is expected to have: the first guess at how many windows fit into one search. */
  readonly groups: number;
  /** The order of the groups' values is needed: answers will be added up. */
  readonly ordered?: true;
}

/** What came back for a range query. */
export interface RangeAnswer {
  /** In the order of the windows, each as if the window had been asked for alone. Undefined: ask for that window alone. */
  readonly answers: readonly (Arrived | undefined)[];
  /** The groups that occur anywhere in the windows, by `groupKey`, in the order of their values; undefined where that is not known, or not `ordered`. */
  readonly order: ReadonlyMap<string, number> | undefined;
  /** How many searches it took, and how long the backend worked on them, ms. */
  readonly searches: number;
  readonly took: Duration;
}

/** The part of a search port that answers one question over many windows. */
export interface RangeSearch {
  /** Which of these fields hold whole numbers in every index, so that sums of parts are exact. */
  wholeFields(source: Source, fields: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** Answers in the order of the questions. What cannot be answered so is left open window by window; nothing is thrown. */
  ask(questions: readonly RangeQuery[], signal: AbortSignal): Promise<readonly RangeAnswer[]>;
  /** A question as it is sent when it is asked alone, in the form in which people can send it themselves. */
  sent(query: Query): Json;
  /** Whether a question that is asked alone shares its search with others of its kind about the same window. */
  shares(query: Query): boolean;
}

/** Where no question is asked about several windows at once: every window stays open. */
export const NO_RANGES: RangeSearch = {
  wholeFields: async () => new Set(),
  ask: async (questions) => questions.map(openAnswer),
  sent: () => null,
  shares: () => false,
};

/** The range answer that leaves every window open. */
export function openAnswer({ windows }: Pick<RangeQuery, 'windows'>): RangeAnswer {
  return { answers: windows.map(() => undefined), order: undefined, searches: 0, took: 0 };
}
