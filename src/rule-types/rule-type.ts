import type { Variables } from '../conditions/condition.ts';
import type { Ranges } from '../conditions/ranges.ts';
import type { RuleId } from '../core/ids.ts';
import type { Json, JsonSchema } from '../core/json.ts';
import type { Schedule } from '../core/schedule.ts';
import type { Duration, Instant, TimeRange } from '../core/time.ts';
import type { Measures } from '../core/units.ts';
import type { Answers, Fields } from '../search/answer.ts';
import type { Group, Query, QueryDsl, Source, Value } from '../search/query.ts';

/** What a type may know of a rule; `Rule` in rules/ extends it. Durations in ms. */
export interface Spec<O> {
  readonly id: RuleId;
  readonly source: Source;
  readonly filter: QueryDsl;
  readonly groupBy: readonly string[];
  readonly missing: 'exclude' | 'include';
  readonly window: Duration;
  /** When windows are looked at, for types that look back beyond one; without it, all the time. */
  readonly schedule?: Schedule;
  readonly maxGroups: number;
  readonly options: O;
  /** What a message shows of the documents: fetched with them by types whose documents are events. */
  readonly evidence?: { readonly fields: readonly string[]; readonly top: readonly string[] };
}

/** One evaluation as a type sees it. */
export interface Input<O, M> {
  readonly spec: Spec<O>;
  readonly window: TimeRange;
  /** The tick. */
  readonly at: Instant;
  /** The tick evaluated before. */
  readonly previous: Instant | undefined;
  /** How much of the time since `previous` no evaluation covered, ms: the schedule or the rule paused, or a gap. None by default. */
  readonly uncovered?: Duration;
  /** A revisit's memory is discarded. */
  readonly purpose: 'live' | 'catch-up' | 'revisit';
  /** Groups with a living alert; `[{}]` without group_by. */
  readonly known: readonly Group[];
  readonly memory: M | undefined;
}

/** One group measured: named values, and whether the group was present in the window. */
export interface Reading {
  readonly group: Group;
  readonly present: boolean;
  readonly values: Readonly<Record<string, Value | null>>;
  /** Values that are times in ms: conditions compute with them, and people read dates. */
  readonly dates?: readonly string[];
  readonly note?: string;
  /** How bad it is, where that comes with what was read and not from the rule. */
  readonly level?: string;
  /** When what was read began, where that comes with it: the alert counts from then, and not from the tick that found it. */
  readonly began?: Instant;
  /** The values describe an event in this window, not a lasting state: each such reading that breaches is an episode. */
  readonly happened?: true;
}

/** One matching document, for types whose documents are events. */
export interface MatchEvent {
  readonly id: string;
  readonly at: Instant;
  readonly group: Group;
  readonly fields: Fields;
}

/**
 * What was measured. Groups: a known group in neither `readings` nor `expired` is unknown. Events: newest first, with a reading for each
 * group that has one; the memory knows what was given, so that nothing is given twice, and no group outlives its window.
 */
export type Measured<M> =
  | {
      readonly kind: 'groups';
      readonly readings: readonly Reading[];
      readonly expired?: readonly Group[];
      /** How many groups are left for the evaluations that follow; absent: none. */
      readonly waiting?: number;
      readonly memory: M;
    }
  | {
      readonly kind: 'events';
      readonly readings: readonly Reading[];
      readonly events: readonly MatchEvent[];
      readonly memory: M;
    };

/** Measures; never evaluates. Pure: no clock, no IO, no state. Memory types are type aliases of JSON. */
export interface RuleType<O, M extends Json = null> {
  readonly name: string;
  /** One sentence for the schema and the docs. */
  readonly description: string;
  /** JSON schema (an object schema with `properties` and `required`) of this type's own keys, every key described. */
  readonly schema: JsonSchema;
  /** Raised when stored memory of the older version cannot be read any more: it is reset then. */
  readonly memoryVersion: number;
  /** What is wrong with a stored memory of this version, and where; undefined: nothing. A type without it remembers nothing. */
  memoryProblem?(memory: unknown): string | undefined;
  /** Turns this type's validated keys (YAML spelling) into options: durations parsed, KQL compiled through `tools`. Problems are load errors. */
  read(keys: Readonly<Record<string, unknown>>, tools: ReadTools): O;
  /** Names and types that conditions may use. */
  variables(options: O): Variables;
  /** What the values can be, whatever the documents hold: what a condition can never be follows from it. Any number without it. */
  ranges?(options: O): Ranges;
  /** The options, knowing which of the variables conditions use; without it that makes no difference. */
  used?(options: O, names: ReadonlySet<string>): O;
  /** The condition a rule of this type has when it gives none; undefined: the key is required. */
  readonly defaultCondition?: string;
  /** What it measures has a life (groups, the default), or is notified once and over (events). */
  readonly notifies?: 'events';
  /**
   * Groups that are known by name and reported one by one, even when their whole source is silent, by the values that the answers to its
   * questions say; none without it.
   */
  expected?(options: O, answers: Answers): readonly Group[];
  /** False: what it reports does not get better, it only stops being news, so that its end is not sent unless a rule asks for it. */
  readonly recovers?: false;
  /** The filters of its measurements that have one, by the name that conditions use: which documents are behind a value. */
  filters?(options: O): Readonly<Record<string, QueryDsl>>;
  /** How its values are shown to people, by the names that conditions use; `keys` as `read` gets them. Plain numbers under their names without it. */
  measures?(keys: Readonly<Record<string, unknown>>): Measures;
  /** The fields that it measures: sample documents show them. */
  measuredFields?(options: O): readonly string[];
  /** Whether an absent group is a reading of 0 (counts) or no document (metrics: `no_data` applies). */
  absence(options: O): 'zero' | 'absent';
  /** Questions of the next round; `[]` ends; at most 3 rounds. */
  ask(input: Input<O, M>, soFar: Answers): readonly Query[];
  measure(input: Input<O, M>, answers: Answers): Measured<M>;
}

/** What the loader lends a type while it reads its keys; `problem` reports at a path such as `metrics.used.max`. */
export interface ReadTools {
  /** Compiles a KQL text at a path; reports a problem and gives match-none when it does not parse. */
  kql(text: string, path: string): QueryDsl;
  /** Reads a duration at a path; reports a problem and returns 0 if it is invalid. */
  duration(text: string, path: string): Duration;
  problem(path: string, message: string, hint?: string): void;
  readonly groupBy: readonly string[];
  readonly window: Duration;
}
