import { chunked } from '../core/chunked.ts';
import type { TimeRange } from '../core/time.ts';
import type { Answers, GroupRow } from '../search/answer.ts';
import { groupKey } from '../search/group-key.ts';
import type { Group, GroupsQuery, Metric } from '../search/query.ts';
import type { Spec } from './rule-type.ts';

/** The answers for one window: the returned rows, and the other groups that certainly have no document. */
export interface Counted {
  /** Rows by `groupKey`. */
  readonly rows: ReadonlyMap<string, GroupRow>;
  /** True for a group that was returned, or for which the answers prove that it has no document. */
  settled(key: string): boolean;
}

/** Groups in one second question: keeps the request small. */
const CHUNK = 500;
/** Second questions of one window at most. */
const MAX_CHUNKS = 20;

/** One object, so that a rule's questions are seen to be made of the same parts. */
const NO_METRICS = {};

/** The question for every group of a rule in one window. */
export function groupsQuery(
  spec: Pick<Spec<unknown>, 'source' | 'filter' | 'groupBy' | 'missing' | 'maxGroups'>,
  name: string,
  window: TimeRange,
  metrics: Readonly<Record<string, Metric>> = NO_METRICS,
): GroupsQuery {
  const { source, filter, groupBy, missing, maxGroups } = spec;
  return { kind: 'groups', name, source, window, filter, groupBy, missing, metrics, maxGroups };
}

/**
 * Whether the source has any document in a window, regardless of the rule's filter. Distinguishes a silent source from one
 * without matches. Asked only if an answer is empty.
 */
export function sourceQuestion(spec: Pick<Spec<unknown>, 'source'>, name: string, window: TimeRange): GroupsQuery {
  const source = { ...spec.source, ignoreMissingIndex: true };
  return groupsQuery({ source, filter: { match_all: {} }, groupBy: [], missing: 'exclude', maxGroups: 1 }, name, window);
}

/**
 * What is still to be asked about a window: the question itself, then, when its answer was truncated, the wanted groups that did
 * not come back, by name. A truncated answer proves nothing about them.
 */
export function stillToAsk(query: GroupsQuery, wanted: readonly Group[], soFar: Answers): readonly GroupsQuery[] {
  if (!soFar.has(query.name)) return [query];
  return secondQuestions(query, wanted, soFar).filter((second) => !soFar.has(second.name));
}

/** Puts together what the answers to a question and to its second questions say; `wanted` as it was given to `stillToAsk`. */
export function countedBy(query: GroupsQuery, wanted: readonly Group[], answers: Answers): Counted {
  const answer = answers.get(query.name);
  const rows = new Map<string, GroupRow>();
  for (const row of answer?.groups ?? []) rows.set(groupKey(query.groupBy, row.group), row);
  if (answer === undefined || answer.kind === 'complete') return { rows, settled: () => answer !== undefined };
  const proven = new Set(rows.keys());
  for (const second of secondQuestions(query, wanted, answers)) {
    const reply = answers.get(second.name);
    if (reply === undefined) continue;
    for (const row of reply.groups) rows.set(groupKey(query.groupBy, row.group), row);
    if (reply.kind === 'complete') for (const group of second.only ?? []) proven.add(groupKey(query.groupBy, group));
  }
  return { rows, settled: (key) => proven.has(key) || rows.has(key) };
}

function secondQuestions(query: GroupsQuery, wanted: readonly Group[], answers: Answers): readonly GroupsQuery[] {
  const first = answers.get(query.name);
  if (first?.kind !== 'truncated') return [];
  const came = new Set(first.groups.map((row) => groupKey(query.groupBy, row.group)));
  const missed = wanted.filter((group) => !came.has(groupKey(query.groupBy, group)));
  return chunked(missed, CHUNK)
    .slice(0, MAX_CHUNKS)
    .map((only, index) => ({
      ...query,
      name: `${query.name}/only/${index}`,
      only,
      maxGroups: Math.max(query.maxGroups, only.length),
    }));
}
