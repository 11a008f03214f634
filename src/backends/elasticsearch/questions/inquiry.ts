import { unreachable } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import type { Query } from '../../../search/query.ts';
import { askEsql } from './esql.ts';
import { askGroups } from './groups.ts';
import { askHits } from './hits.ts';
import { askMerged, type CountQuery, filtersOf, isPlainCount, mergeKey, sentOfMerged } from './merged-counts.ts';
import { asSent, type SearchRequest, type Step } from './step.ts';

/** One or more queries that travel together, each with its position, and the progress of asking them. */
export interface Inquiry {
  readonly queries: readonly { readonly place: number; readonly query: Query }[];
  readonly step: Step;
  /** What was sent for one of the queries, given the first search. */
  readonly sent: (query: Query, search: SearchRequest) => Json;
}

/** How queries become searches. */
export interface Planning {
  /** Whether plain counts over the same documents become one search. */
  readonly merge: boolean;
  /** Longest list of filters in a merged search. */
  readonly filtersASearch: number;
}

/** Plans queries: each by itself, or with other plain counts of the same documents. */
export function plan(queries: readonly Query[], planning: Planning): readonly Inquiry[] {
  const placed = queries.map((query, place) => ({ query, place }));
  if (!planning.merge) return placed.map(({ query, place }) => alone(query, place));
  const mergeable = new Map<string, Placed<CountQuery>[]>();
  const rest: Inquiry[] = [];
  for (const { query, place } of placed) {
    if (!isPlainCount(query)) {
      rest.push(alone(query, place));
      continue;
    }
    const key = mergeKey(query);
    const others = mergeable.get(key);
    if (others === undefined) mergeable.set(key, [{ query, place }]);
    else others.push({ query, place });
  }
  const merged = [...mergeable.values()].flatMap((same) => portions(same, planning.filtersASearch)).map(together);
  return [...merged, ...rest];
}

/** Plans one query by itself. */
export function alone(query: Query, place: number): Inquiry {
  return { queries: [{ query, place }], step: firstStep(query), sent: (_query, search) => asSent(search) };
}

interface Placed<Q> {
  readonly query: Q;
  readonly place: number;
}

type Portion = readonly [Placed<CountQuery>, ...Placed<CountQuery>[]];

function together([first, ...others]: Portion): Inquiry {
  if (others.length === 0) return alone(first.query, first.place);
  const queries = [first, ...others];
  const step = askMerged(
    first.query,
    queries.map(({ query }) => query),
  );
  return { queries, step, sent: (query, search) => (isPlainCount(query) ? sentOfMerged(query, search) : null) };
}

function portions(members: readonly Placed<CountQuery>[], most: number): readonly Portion[] {
  const all: [Placed<CountQuery>, ...Placed<CountQuery>[]][] = [];
  let room = 0;
  for (const member of members) {
    const needed = filtersOf(member.query);
    const open = all.at(-1);
    if (open !== undefined && needed <= room) open.push(member);
    else all.push([member]);
    room = (open !== undefined && needed <= room ? room : most) - needed;
  }
  return all;
}

function firstStep(query: Query): Step {
  switch (query.kind) {
    case 'groups':
      return askGroups(query);
    case 'hits':
      return askHits(query);
    case 'esql':
      return askEsql(query);
    default:
      return unreachable(query);
  }
}
