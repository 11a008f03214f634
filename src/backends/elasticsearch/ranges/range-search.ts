import { chunked } from '../../../core/chunked.ts';
import type { Json } from '../../../core/json.ts';
import { inParallel } from '../../../core/parallel.ts';
import type { TimeRange } from '../../../core/time.ts';
import { type Answer, type Arrived, NO_COST } from '../../../search/answer.ts';
import type { GroupsQuery, Query } from '../../../search/query.ts';
import { openAnswer, type RangeAnswer, type RangeQuery, type RangeSearch } from '../../../search/range/range-query.ts';
import type { SearchProblemCode } from '../../../search/search-problem.ts';
import type { FieldTypes } from '../field-types.ts';
import type { Read } from '../found.ts';
import { MISSING, sendSearches } from '../msearch.ts';
import { askGroups, isComposite } from '../questions/groups.ts';
import { alone } from '../questions/inquiry.ts';
import { isPlainCount } from '../questions/merged-counts.ts';
import { asSent, type Finished, type SearchRequest } from '../questions/step.ts';
import { emptyAnswer } from '../underway.ts';
import type { Wire } from '../wire.ts';
import { groupedSlicesSearch, groupsOverSlices, isGroupedBySlices } from './grouped-slices.ts';
import { maxBuckets } from './max-buckets.ts';
import { type GroupOrder, nestedAsking, orderSearch, readOrder } from './nested-groups.ts';
import {
  type Asking,
  askingOf,
  bucketsAWindow,
  sliceLength,
  spanOf,
  type WindowsQuestion,
  type WindowsSearch,
  windowsSearch,
} from './windows.ts';

/** What a range search shares with the search port. */
export interface RangePorts {
  readonly wire: Wire;
  readonly types: FieldTypes;
  /** What the search port makes of answers once they have arrived: what the fields have against them. */
  finish(queries: readonly Query[], answers: readonly Answer[], signal: AbortSignal): Promise<readonly Answer[]>;
}

/** Searches at once: each may be as much work as thousands about one window. */
const AT_ONCE = 3;
/** The same of questions about few windows, which are as much work as a few searches. */
const SMALL_AT_ONCE = 12;
const FEW_WINDOWS = 64;
/** Of the cluster's own limit: what other searches of Tocsin take counts alone, but a guess at the number of groups may be too low. */
const SHARE = 0.75;
/** Windows in one search at most; their bounds are part of it. */
const MOST_WINDOWS = 20_000;
const MOST_RANGES = 1_000;
/** Fewer windows than these are not asked together once a search over more was refused. */
const LEAST_WINDOWS = 4;
/** Refusals of one question after which the rest of it is left open. */
const MOST_REFUSALS = 8;
/** What a search that did not end in time counts for: the next one may take as long. */
const TIMEOUT = MOST_REFUSALS / 2;
/** Problems that a search over fewer windows may not have. */
const TOO_MUCH: ReadonlySet<SearchProblemCode> = new Set([
  'too_many_buckets',
  'overloaded',
  'timeout',
  'too_large',
  'partial',
  'server',
]);
const WHOLE: ReadonlySet<string> = new Set(['long', 'integer', 'short', 'byte', 'unsigned_long', 'boolean']);

/** Range queries over a cluster: as many windows in one search as its limit on buckets lets, fewer where that is refused. */
export function elasticsearchRanges(ports: RangePorts): RangeSearch {
  let most: Promise<number> | undefined;
  return {
    wholeFields: async (source, fields, signal) => {
      const types = await ports.types.of(source, fields, signal);
      return new Set(fields.filter((field) => WHOLE.has(types?.get(field) ?? '')));
    },
    ask: async (questions, signal) => {
      most ??= maxBuckets(ports.wire, signal);
      const limit = (await most) * SHARE;
      const areSmall = questions.every(({ windows }) => windows.length <= FEW_WINDOWS);
      const share = { limit, atOnce: Math.max(1, Math.floor(AT_ONCE / questions.length)) };
      return inParallel(questions, areSmall ? SMALL_AT_ONCE : AT_ONCE, (question) => askOne(question, share, ports, signal));
    },
    sent: sentAlone,
    shares: isPlainCount,
  };
}

/** How much of the cluster a question may take. */
interface Share {
  /** Buckets of an answer. */
  readonly limit: number;
  /** Searches side by side. */
  readonly atOnce: number;
}

async function askOne(
  question: RangeQuery,
  { limit, atOnce }: Share,
  ports: RangePorts,
  signal: AbortSignal,
): Promise<RangeAnswer> {
  const { query, windows, groups, anyOrder } = question;
  const asking = query.kind === 'groups' ? askingIn(query) : undefined;
  if (query.kind !== 'groups' || asking === undefined) return openAnswer(question);
  const fitting = Math.max(1, Math.floor(limit / bucketsAWindow(query, groups)));
  const fits = Math.min(fitting, isSliced(windows) && anyOrder ? MOST_WINDOWS : MOST_RANGES);
  const cost = { searches: 0, took: 0 };
  let refusals = 0;
  const send = async (search: SearchRequest): Promise<Read> => {
    const [answer = MISSING] = await sendSearches(ports.wire, [search], { searchesARequest: 1, requestsAtOnce: 1 }, signal);
    cost.searches++;
    if (answer.kind === 'found') cost.took += answer.found.took;
    if (answer.kind === 'problem') refusals += answer.problem.code === 'timeout' ? TIMEOUT : 1;
    return answer;
  };
  const asked: Asked = {
    query,
    asking,
    anyOrder,
    send,
    mayGoOn: () => refusals < MOST_REFUSALS && !signal.aborted,
    byGroup: { most: groupsOverSlices(query, groups), failed: windows.length <= FEW_WINDOWS || !isGroupedBySlices(query) },
  };
  const arrived = (await inParallel(chunked(windows, fits), atOnce, (portion) => askPortion(asked, portion))).flat();
  const order = question.ordered === true && query.groupBy.length > 0 ? await askOrder(query, windows, send) : undefined;
  return { answers: await believed({ query, windows }, arrived, ports, signal), order, ...cost };
}

function sentAlone(query: Query): Json {
  const { step } = alone(query, 0);
  return step.kind === 'ask' ? asSent(step.search) : null;
}

/** How a question is asked within the bucket of a window. */
function askingIn(query: GroupsQuery): Asking | undefined {
  return isComposite(query) ? nestedAsking(query) : askingOf(askGroups(query));
}

type Send = (search: SearchRequest) => Promise<Read>;

interface Asked extends WindowsQuestion {
  readonly send: Send;
  readonly mayGoOn: () => boolean;
  /** Slices are asked group by group, while there are no more groups over all of them than `most`. */
  readonly byGroup: { readonly most: number; failed: boolean };
}

async function askPortion(asked: Asked, windows: readonly TimeRange[]): Promise<readonly (Arrived | undefined)[]> {
  const { query, send, mayGoOn, byGroup } = asked;
  const grouped = byGroup.failed ? undefined : groupedSearch(asked, windows);
  const { search, read } = grouped ?? windowsSearch(asked, windows);
  const open = windows.map(() => undefined);
  if (!mayGoOn()) return open;
  const answer = await send(search);
  if (answer.kind === 'none') {
    if (!query.source.ignoreMissingIndex) return open;
    return windows.map((): Arrived => ({ ...emptyAnswer(query), sent: asSent(search), cost: NO_COST }));
  }
  if (answer.kind === 'found') {
    const cost = { took: answer.found.took, shards: answer.found.shards, merged: windows.length };
    const found = read(answer.found);
    if (found === undefined && grouped !== undefined) {
      byGroup.failed = true;
      return askPortion(asked, windows);
    }
    if (found === undefined) return open;
    const sent = asSent(search);
    return found.map((one) => arrivedOf(one, sent, cost));
  }
  if (!TOO_MUCH.has(answer.problem.code) || windows.length < 2 * LEAST_WINDOWS) return open;
  const half = Math.ceil(windows.length / 2);
  const left = await askPortion(asked, windows.slice(0, half));
  return [...left, ...(await askPortion(asked, windows.slice(half)))];
}

function groupedSearch({ query, anyOrder, byGroup }: Asked, windows: readonly TimeRange[]): WindowsSearch | undefined {
  const slice = anyOrder ? sliceLength(windows) : undefined;
  return slice === undefined ? undefined : groupedSlicesSearch(query, windows, slice, byGroup.most);
}

function arrivedOf(finished: Finished | undefined, sent: Arrived['sent'], cost: Arrived['cost']): Arrived | undefined {
  return finished === undefined || finished.kind === 'failed' ? undefined : { sent, cost, ...finished };
}

function isSliced(windows: readonly TimeRange[]): boolean {
  return windows.every(({ to }, place) => to === (windows[place + 1]?.from ?? to));
}

/** What its fields have against an answer leaves its window open, so that it is asked alone and says so itself. */
async function believed(
  { query, windows }: Pick<RangeQuery, 'query' | 'windows'>,
  answers: readonly (Arrived | undefined)[],
  { finish }: RangePorts,
  signal: AbortSignal,
): Promise<readonly (Arrived | undefined)[]> {
  const there = answers.flatMap((answer, place) => {
    const window = windows[place];
    return answer === undefined || window === undefined ? [] : [{ answer, place, query: { ...query, window } }];
  });
  const finished = await finish(
    there.map((one) => one.query),
    there.map((one) => one.answer),
    signal,
  );
  const all = [...answers];
  for (const [index, { place }] of there.entries()) {
    const answer = finished[index];
    all[place] = answer === undefined || answer.kind === 'failed' ? undefined : answer;
  }
  return all;
}

async function askOrder(query: GroupsQuery, windows: readonly TimeRange[], send: Send): Promise<GroupOrder | undefined> {
  const answer = await send(orderSearch({ ...query, window: spanOf(windows) }));
  return answer.kind === 'found' ? readOrder(query, answer.found) : undefined;
}
