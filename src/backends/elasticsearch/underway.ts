import type { Json } from '../../core/json.ts';
import type { Answer, Arrived, Cost } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import { type SearchProblemCode, searchProblem } from '../../search/search-problem.ts';
import type { Read } from './found.ts';
import { alone, type Inquiry } from './questions/inquiry.ts';
import { metricsOfNothing } from './questions/metrics.ts';
import { type Finished, type Found, NO_PARTS, type SearchRequest, type Step } from './questions/step.ts';

/** An inquiry on its way: the search to send next, what was sent first, and what all its searches cost. */
export interface Underway {
  readonly inquiry: Inquiry;
  readonly search: SearchRequest;
  readonly read: (found: Found) => Step;
  readonly first: SearchRequest;
  readonly cost: Cost;
  /** How many searches were sent before this one. */
  readonly sent: number;
}

/** Searches that one question may take. All that a question can ask for fits into half of them. */
const MOST_SEARCHES = 250;

/** An answer and the place of its query among all. */
interface PlacedAnswer {
  readonly place: number;
  readonly answer: Answer;
}

/** The progress of an inquiry: answered, or with searches to send; one that was merged may go on as several. */
export interface QueryProgress {
  readonly answers: readonly PlacedAnswer[];
  readonly underway: readonly Underway[];
}

/** Begins an inquiry. */
export function begin(inquiry: Inquiry): QueryProgress {
  return follow(
    { inquiry, first: undefined, cost: { took: 0, shards: 0, merged: inquiry.queries.length }, sent: 0 },
    inquiry.step,
  );
}

/**
 * Takes what came back for an inquiry's search. With `mayAskAgain`, the queries of a merged search that failed are asked one by
 * one.
 */
export function proceed(one: Underway, read: Read, mayAskAgain: boolean): QueryProgress {
  const { inquiry, search } = one;
  if (read.kind === 'found') {
    const cost = { ...one.cost, took: one.cost.took + read.found.took, shards: Math.max(one.cost.shards, read.found.shards) };
    return follow({ inquiry, first: one.first, cost, sent: one.sent + 1 }, one.read(read.found));
  }
  const problem = read.kind === 'problem' ? read.problem : noIndex(search);
  if (problem.code === 'no_index' && search.source.ignoreMissingIndex) {
    return answered(
      one,
      inquiry.queries.map(({ query }) => emptyAnswer(query)),
    );
  }
  if (inquiry.queries.length > 1 && mayAskAgain && mayBeOfOne(problem.code)) {
    const each = inquiry.queries.map(({ query, place }) => begin(alone(query, place)));
    return { answers: each.flatMap(({ answers }) => answers), underway: each.flatMap(({ underway }) => underway) };
  }
  return answered(
    one,
    inquiry.queries.map(() => ({ kind: 'failed', problem })),
  );
}

function follow(asked: Asked & { readonly sent: number }, step: Step): QueryProgress {
  const { inquiry, first, cost, sent } = asked;
  if (step.kind === 'done') return answered(asked, step.answers);
  if (sent >= MOST_SEARCHES) {
    const problem = searchProblem('too_large', `the query took ${sent} searches and is still incomplete`);
    return answered(
      asked,
      inquiry.queries.map(() => ({ kind: 'failed', problem })),
    );
  }
  const { search, read } = step;
  return { answers: [], underway: [{ inquiry, search, read, first: first ?? search, cost, sent }] };
}

interface Asked {
  readonly inquiry: Inquiry;
  readonly first: SearchRequest | undefined;
  readonly cost: Cost;
}

function answered({ inquiry, first, cost }: Asked, finished: readonly Finished[]): QueryProgress {
  const answers = inquiry.queries.flatMap(({ query, place }, i): PlacedAnswer[] => {
    const one = finished[i];
    const sent = first === undefined ? null : inquiry.sent(query, first);
    return one === undefined ? [] : [{ place, answer: withSent(one, sent, cost) }];
  });
  return { answers, underway: [] };
}

/** The spread comes last, since members that follow one are expensive. */
function withSent(finished: Finished, sent: Json, cost: Cost): Answer {
  return { sent, cost, ...finished };
}

/**
 * Says whether a merged search may have failed for the sake of one query; the others then have a right to be asked by themselves.
 */
function mayBeOfOne(code: SearchProblemCode): boolean {
  return !['overloaded', 'unreachable', 'unauthorized', 'no_index', 'closed_index', 'license', 'remote_cluster'].includes(code);
}

function noIndex({ source }: SearchRequest) {
  return searchProblem('no_index', `no index matches ${source.indices.join(', ')}`);
}

/** What a window without documents gives, and an index that does not exist, where that is allowed. */
export function emptyAnswer(query: Query): Omit<Arrived, 'sent' | 'cost'> {
  const single = query.kind === 'groups' && query.groupBy.length === 0 && query.bucket === undefined;
  const groups = single ? [{ group: {}, docs: 0, values: metricsOfNothing(query.metrics) }] : [];
  return { kind: 'complete', ...NO_PARTS, groups, matched: 0, ungrouped: 0, atLeast: groups.length };
}
