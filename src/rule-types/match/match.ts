import { COUNTED } from '../../conditions/ranges.ts';
import { DURATION_PATTERN } from '../../core/duration.ts';
import { hashId } from '../../core/ids.ts';
import { coveredParts } from '../../core/schedule.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import type { Answers, HitRow } from '../../search/answer.ts';
import { groupKey } from '../../search/group-key.ts';
import type { HitsQuery, QueryDsl } from '../../search/query.ts';
import { TRACE_FIELDS } from '../../search/trace-logs.ts';
import { FIELD_LIST } from '../field-list.ts';
import { groupsOfHit } from '../groups-of-hit.ts';
import { DOCUMENTS } from '../measure.ts';
import type { Input, MatchEvent, Measured, Reading, RuleType } from '../rule-type.ts';
import { subjectOf } from '../subject.ts';
import { type MatchMemory, matchMemoryProblem, pruned } from './memory.ts';
import { type MatchOptions, readMatchOptions } from './read-options.ts';
import { type NotifiedHit, throttled } from './throttle.ts';

type MatchInput = Input<MatchOptions, MatchMemory>;

const EVENTS = 'events';
/** Separate stretches of time in one question. */
const MOST_PARTS = 200;

/**
 * Each matching document is an event, given once: in the window, or up to `late` before it in another window of the rule, for
 * which it came too late. Nothing older than the rule's first window is. Memory holds the ids that a question can still reach; of
 * more new documents than `max_events` the newest are given and the others counted.
 */
export const match: RuleType<MatchOptions, MatchMemory> = {
  name: 'match',
  description: 'Reports each matching document once.',
  schema: {
    type: 'object',
    properties: {
      late: {
        type: 'string',
        pattern: DURATION_PATTERN,
        default: '15m',
        description: 'How far before the window to look for documents that arrived late.',
      },
      max_events: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000,
        default: 100,
        description: 'Maximum number of documents notified per evaluation, newest first; the others are counted in `left_out`.',
      },
      key: {
        description:
          'One or more fields; documents with the same values are the same event, notified once per `throttle`. Default: each ' +
          'document is an event.',
        anyOf: FIELD_LIST,
      },
      throttle: {
        type: 'string',
        pattern: DURATION_PATTERN,
        default: '10m',
        description: 'With `key`: how long further documents of a key are held back and counted after one was notified.',
      },
    },
    required: [],
  },
  memoryVersion: 1,
  memoryProblem: matchMemoryProblem,
  defaultCondition: 'events >= 1',
  notifies: 'events',
  read: readMatchOptions,
  measures: () => ({ events: { ...DOCUMENTS, label: 'new documents' } }),
  variables: () => ({ events: 'number', late: 'number', suppressed: 'number', left_out: 'number' }),
  ranges: () => ({ events: COUNTED, late: COUNTED, suppressed: COUNTED, left_out: COUNTED }),
  absence: () => 'zero',
  ask: (input, soFar) => (soFar.has(EVENTS) ? [] : [question(input)]),
  measure,
};

function question(input: MatchInput): HitsQuery {
  const { source, filter, groupBy, missing, options, evidence } = input.spec;
  const grouped: QueryDsl =
    groupBy.length === 0 || missing === 'include'
      ? filter
      : { bool: { filter: [filter, ...groupBy.map((field) => ({ exists: { field } }))] } };
  const shown = [...(evidence?.fields ?? []), ...(evidence?.top ?? []), ...TRACE_FIELDS];
  const fields = [...new Set([...groupBy, ...options.key, ...shown])];
  const window = rangeOf(input);
  // What was looked at before comes back too, and must not use up the places of what is new.
  const limit = options.maxEvents + reachable(input, window);
  const keys = [...new Set([...groupBy, ...options.key])];
  const question: HitsQuery = { kind: 'hits', name: EVENTS, source, window, filter: grouped, fields, keys, limit };
  const within = coveredBy(input, window);
  return within === undefined ? question : { ...question, within };
}

/**
 * The parts of a range that windows of the rule cover; undefined for all of it. What happened while the schedule looks at nothing is
 * not notified by the look after it.
 */
function coveredBy({ spec, window, at }: MatchInput, range: TimeRange): readonly TimeRange[] | undefined {
  if (spec.schedule === undefined || range.from >= window.from) return undefined;
  const looks = { window: spec.window, behind: at - window.to, until: at };
  const parts = coveredParts(spec.schedule, looks, range, MOST_PARTS);
  return parts.length === 1 && parts[0]?.from === range.from ? undefined : parts;
}

function measure(input: MatchInput, answers: Answers): Measured<MatchMemory> {
  const memory = recall(input);
  const answer = answers.get(EVENTS);
  if (answer === undefined) return { kind: 'events', readings: [], events: [], memory };
  const { spec, at, window } = input;
  const range = rangeOf(input);
  const unseen = answer.hits.filter((hit) => !Object.hasOwn(memory.seen, documentKey(hit)));
  const fresh = unseen.slice(0, spec.options.maxEvents);
  const beyond = Math.max(unseen.length, answer.matched - reachable(input, range)) - fresh.length;
  const leftOut = answer.kind === 'truncated' || unseen.length > fresh.length ? Math.max(0, beyond) : 0;
  const { notified, keys } = throttled(fresh, memory.keys, at, spec.options);
  const looked = Object.fromEntries(fresh.map((hit) => [documentKey(hit), hit.at]));
  const oldest = fresh.at(-1);
  // What was counted as left out is done with: it must not trickle into the evaluations that follow.
  const floor = leftOut > 0 && oldest !== undefined ? Math.max(memory.floor, oldest.at + 1) : memory.floor;
  const next: MatchMemory = { ...memory, floor, seen: { ...memory.seen, ...looked }, keys };
  return {
    kind: 'events',
    ...givenOf(input, notified, leftOut),
    memory: pruned(next, range.from, at, spec.options.throttle, spec.options.late + window.to - window.from),
  };
}

/** The documents to notify as events, and a reading for each group that has one. */
function givenOf(input: MatchInput, notified: readonly NotifiedHit[], leftOut: number) {
  const { groupBy, missing, maxGroups } = input.spec;
  const lateBefore = endOfPrevious(input);
  const events: MatchEvent[] = [];
  const readings = new Map<string, Reading & { readonly values: Readonly<Record<string, number>> }>();
  for (const { hit, suppressed } of notified) {
    for (const group of groupsOfHit(groupBy, hit)) {
      if (missing === 'exclude' && Object.values(group).includes(null)) continue;
      const key = groupKey(groupBy, group);
      if (!readings.has(key) && readings.size >= maxGroups) continue;
      const before = readings.get(key)?.values;
      const values = {
        events: (before?.['events'] ?? 0) + 1,
        late: (before?.['late'] ?? 0) + (hit.at < lateBefore ? 1 : 0),
        suppressed: (before?.['suppressed'] ?? 0) + suppressed,
        left_out: leftOut,
      };
      readings.set(key, { group, present: true, values });
      events.push({ id: documentKey(hit), at: hit.at, group, fields: hit.fields });
    }
  }
  return { events, readings: [...readings.values()] };
}

/** Where documents can be that are still to be notified. */
function rangeOf(input: MatchInput): TimeRange {
  const { window, spec, purpose } = input;
  if (purpose === 'revisit') return window;
  const from = Math.max(window.from - spec.options.late, recall(input).floor);
  return { from: Math.min(from, window.to), to: window.to };
}

/** How many of the remembered documents a question about this range brings again. */
function reachable(input: MatchInput, { from, to }: TimeRange): number {
  return Object.values(recall(input).seen).filter((time) => time >= from && time < to).length;
}

/** A repeated query of an evaluated window must return everything in it. */
function recall({ spec, window, memory, purpose }: MatchInput): MatchMemory {
  const { late, key } = spec.options;
  const subject = subjectOf(spec, spec.groupBy, spec.missing, spec.window, late, key);
  if (memory === undefined || purpose === 'revisit') return { subject, floor: window.from, seen: {}, keys: {} };
  if (memory.subject === subject) return memory;
  // The rule was edited: new matches from before are not notified, and notified documents stay notified.
  return { ...memory, subject, floor: Math.max(memory.floor, window.from) };
}

/** The end of the window before: a document older than that should have been in it. */
function endOfPrevious({ window, at, previous }: MatchInput): Instant {
  return previous === undefined ? window.from : previous - (at - window.to);
}

function documentKey({ index, id }: HitRow): string {
  return hashId(index, id).slice(0, 16);
}
