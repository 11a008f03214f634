import type { Json } from '../../core/json.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import type { Answers, HitRow } from '../../search/answer.ts';
import { groupKey } from '../../search/group-key.ts';
import type { Group, GroupsQuery, HitsQuery, Query } from '../../search/query.ts';
import { groupsQuery } from '../grouped-question.ts';
import { groupsOfHit } from '../groups-of-hit.ts';
import type { Input } from '../rule-type.ts';

/** The highest counts of sliding ranges, by group key. */
export interface Peak {
  /** Groups with a document in one of the ranges. */
  readonly groups: readonly Group[];
  readonly highest: ReadonlyMap<string, number>;
  /** False for a group for which not every range was counted. */
  isExact(key: string): boolean;
}

type PeakInput = Pick<Input<unknown, Json>, 'spec' | 'window' | 'at' | 'previous' | 'uncovered'>;

const SPAN = 'span';
const EVENTS = 'events';
const STEP = 'step';
/** Documents looked at one by one; beyond it a few ranges are counted instead. */
const MAX_EVENTS = 10_000;
const STEPS = 8;

/**
 * Questions for the highest count of any range that ended after the previous tick's window: first all that such ranges can hold;
 * then, only if the tick's own window does not hold it all, the documents' times, or a few counted ranges when there are too many
 * documents.
 */
export function askPeak(input: PeakInput, soFar: Answers): readonly Query[] {
  const span = spanOf(input);
  if (span === undefined) return [];
  const whole = soFar.get(SPAN);
  if (whole === undefined) return [groupsQuery(input.spec, SPAN, span)];
  if (soFar.has(EVENTS) || soFar.has(`${STEP}/1`) || whole.matched <= (soFar.get('window')?.matched ?? 0)) return [];
  return whole.matched <= MAX_EVENTS ? [eventsQuery(input, span)] : stepQuestions(input);
}

/** The highest counts that the answers prove. */
export function peakOf(input: PeakInput, answers: Answers): Peak {
  const { groupBy } = input.spec;
  const span = answers.get(SPAN);
  const whole = new Map((span?.groups ?? []).map((row) => [groupKey(groupBy, row.group), row]));
  const times = timesByGroup(groupBy, answers.get(EVENTS)?.hits ?? []);
  const groups = new Map<string, Group>();
  const highest = new Map<string, number>();
  const proven = new Set<string>();
  const count = (key: string, group: Group, docs: number) => {
    if (docs > 0) groups.set(key, group);
    highest.set(key, Math.max(highest.get(key) ?? 0, docs));
  };
  for (const [key, row] of whole) {
    const seen = times.get(key) ?? [];
    // Documents and groups must agree (dates are formatted differently in documents); otherwise its own window decides.
    if (seen.length !== row.docs) continue;
    proven.add(key);
    count(key, row.group, highestCount(seen, input.window, endOfPrevious(input)));
  }
  for (const question of stepQuestions(input)) {
    for (const row of answers.get(question.name)?.groups ?? []) count(groupKey(groupBy, row.group), row.group, row.docs);
  }
  const isSearched = answers.has(EVENTS) || answers.has(`${STEP}/1`);
  const isExact = (key: string) => !isSearched || proven.has(key) || (span?.kind === 'complete' && !whole.has(key));
  return { groups: [...groups.values()], highest, isExact };
}

/**
 * The highest number of the (ms) times that fit into one range `[end − length, end)` with `end` in `(after, window.to]`, where
 * length is the window's.
 */
export function highestCount(times: readonly Instant[], window: TimeRange, after: Instant): number {
  const length = window.to - window.from;
  const sorted = times.toSorted((a, b) => a - b);
  let highest = 0;
  let first = 0;
  let behind = 0;
  for (const time of [...sorted, window.to - 1]) {
    const end = Math.max(time, after) + 1;
    if (end > window.to) break;
    while (behind < sorted.length && (sorted[behind] ?? 0) < end) behind += 1;
    while (first < behind && (sorted[first] ?? 0) < end - length) first += 1;
    highest = Math.max(highest, behind - first);
  }
  return highest;
}

/** After a pause there is no previous window to go on from: only the tick's own is looked at. */
function endOfPrevious({ window, at, previous, uncovered = 0 }: PeakInput): Instant {
  return previous === undefined || uncovered > 0 ? window.to - 1 : previous - (at - window.to);
}

function spanOf(input: PeakInput): TimeRange | undefined {
  const { from, to } = input.window;
  const after = endOfPrevious(input);
  return after >= to - 1 ? undefined : { from: after - (to - from), to };
}

function eventsQuery({ spec }: PeakInput, window: TimeRange): HitsQuery {
  const { source, filter, groupBy } = spec;
  return { kind: 'hits', name: EVENTS, source, window, filter, fields: groupBy, keys: groupBy, limit: MAX_EVENTS };
}

function stepQuestions(input: PeakInput): readonly GroupsQuery[] {
  const { from, to } = input.window;
  const after = endOfPrevious(input);
  return Array.from({ length: STEPS - 1 }, (_, index) => {
    const shift = Math.round(((to - after) * (index + 1)) / STEPS);
    return groupsQuery(input.spec, `${STEP}/${index + 1}`, { from: from - shift, to: to - shift });
  });
}

function timesByGroup(groupBy: readonly string[], hits: readonly HitRow[]): ReadonlyMap<string, Instant[]> {
  const times = new Map<string, Instant[]>();
  for (const hit of hits) {
    for (const group of groupsOfHit(groupBy, hit)) {
      const key = groupKey(groupBy, group);
      const seen = times.get(key);
      if (seen === undefined) times.set(key, [hit.at]);
      else seen.push(hit.at);
    }
  }
  return times;
}
