import { canonicalJson } from '../../core/json.ts';
import { inParallel } from '../../core/parallel.ts';
import { type Answer, NO_COST } from '../../search/answer.ts';
import { mayBeTime, timeMetrics } from '../../search/dated-metrics.ts';
import type { Query, Source } from '../../search/query.ts';
import type { RangeSearch } from '../../search/range/range-query.ts';
import { distinctQuestions, type Search } from '../../search/search.ts';
import { type SearchProblem, searchProblem } from '../../search/search-problem.ts';
import { isDateType } from './field-caps.ts';
import { fieldProblem } from './field-problems.ts';
import { type FieldTypes, fieldTypes } from './field-types.ts';
import { type Limits, MISSING, sendSearches } from './msearch.ts';
import { type NamedGroups, namedGroups } from './named-groups.ts';
import type { DatedGroups } from './questions/date-groups.ts';
import { isComposite } from './questions/groups.ts';
import type { DatedHits } from './questions/hits.ts';
import { type Planning, plan } from './questions/inquiry.ts';
import { elasticsearchRanges } from './ranges/range-search.ts';
import { type TimeFields, timeFields } from './time-field.ts';
import { begin, proceed, type QueryProgress } from './underway.ts';
import type { Wire } from './wire.ts';

/** How searches are sent; all of it has a default. */
export interface SearchOptions extends Partial<Limits>, Partial<Planning> {}

const DEFAULTS: Limits & Planning = { searchesARequest: 50, requestsAtOnce: 4, merge: true, filtersASearch: 50 };

/**
 * The Search port over a cluster: equal questions asked once, all in `_msearch` requests, pages followed until each is answered; and range
 * queries beside it.
 */
export function elasticsearchSearch(wire: Wire, options: SearchOptions = {}): Search & { readonly ranges: RangeSearch } {
  const settings = { ...DEFAULTS, ...options };
  const times = timeFields(wire);
  const types = fieldTypes(wire);
  const names = namedGroups(wire, types);
  const finish = async (queries: readonly Query[], answers: readonly Answer[], signal: AbortSignal) =>
    Promise.all(
      (await distrustTimes(times, queries, answers, signal)).map(async (answer, i) => {
        const query = queries[i];
        if (query === undefined) return answer;
        const problem = await fieldProblem(types, query, answer, signal);
        if (problem !== undefined) return failedBy(problem, answer);
        return withNamed(names, query, await withDates(types, query, answer, signal), signal);
      }),
    );
  return {
    ask: async (queries, signal) => {
      const { distinct, places } = distinctQuestions(queries);
      const prepared = [...distinct] as (Query | DatedHits | DatedGroups)[];
      await inParallel([...distinct.entries()], LOOKS_AT_ONCE, async ([place, query]) => {
        prepared[place] = await withDateKeys(types, query, signal);
      });
      const answers = await finish(distinct, await askAll(wire, prepared, settings, signal), signal);
      return places.map((place) => answers[place] ?? UNANSWERED);
    },
    ranges: elasticsearchRanges({ wire, types, finish }),
  };
}

const UNANSWERED: Answer = {
  kind: 'failed',
  problem: searchProblem('bad_answer', 'the search was not answered'),
  cost: NO_COST,
};

/** Which of a question's keys are dates is known before it is asked: their values come as it asks for them, or as bare numbers. */
async function withDateKeys(types: FieldTypes, query: Query, signal: AbortSignal): Promise<Query | DatedHits | DatedGroups> {
  const keys = keysOf(query);
  if (keys.length === 0 || query.kind === 'esql') return query;
  const known = await types.of(query.source, keys, signal);
  const dates = keys.filter((field) => isDateType(known?.get(field)));
  return dates.length === 0 ? query : { ...query, dates };
}

function keysOf(query: Query): readonly string[] {
  if (query.kind === 'groups') return isComposite(query) ? query.groupBy : [];
  return query.kind === 'hits' ? (query.keys ?? []) : [];
}

function failedBy(problem: SearchProblem, { sent, cost }: Answer): Answer {
  return { kind: 'failed', problem, cost, ...(sent !== undefined && { sent }) };
}

/** Which measured values are times is asked only where they could be. */
async function withDates(types: FieldTypes, query: Query, answer: Answer, signal: AbortSignal): Promise<Answer> {
  if (query.kind !== 'groups' || answer.kind === 'failed') return answer;
  const asked = timeMetrics(query.metrics).filter(([name]) => mayBeTime(answer.groups, name));
  if (asked.length === 0) return answer;
  const fields = [...new Set(asked.map(([, field]) => field))];
  const known = await types.of(query.source, fields, signal);
  const dates = asked.flatMap(([name, field]) => (isDateType(known?.get(field)) ? [name] : []));
  return dates.length === 0 ? answer : { ...answer, dates };
}

async function withNamed(names: NamedGroups, query: Query, answer: Answer, signal: AbortSignal): Promise<Answer> {
  if (query.kind !== 'groups' || query.named === undefined || answer.kind === 'failed') return answer;
  const named = await names.of(query, signal);
  return named.ok ? { ...answer, named: named.groups } : failedBy(named.problem, answer);
}

/** Sources looked at in one moment. */
const LOOKS_AT_ONCE = 4;

/** An answer is valid only if the source has the requested time field, as a date. */
async function distrustTimes(
  times: TimeFields,
  queries: readonly Query[],
  answers: readonly Answer[],
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const sources = new Map<string, { readonly source: Source; found: boolean }>();
  for (const [i, query] of queries.entries()) {
    const answer = answers[i];
    if (!dependsOnTimes(answer)) continue;
    const key = canonicalJson(query.source);
    const known = sources.get(key);
    const found = answer.kind === 'failed' || answer.matched > 0;
    if (known === undefined) sources.set(key, { source: query.source, found });
    else known.found ||= found;
  }
  const problems = new Map<string, SearchProblem>();
  await inParallel([...sources], LOOKS_AT_ONCE, async ([key, { source, found }]) => {
    const problem = await times.problemOf(source, found, signal);
    if (problem !== undefined) problems.set(key, problem);
  });
  if (problems.size === 0) return answers;
  return answers.map((answer, i) => {
    const query = queries[i];
    if (query === undefined || !dependsOnTimes(answer)) return answer;
    const problem = problems.get(canonicalJson(query.source));
    return problem === undefined ? answer : failedBy(problem, answer);
  });
}

/** A search that sorts by its time field fails if that is not a date, with an unrelated message. */
function dependsOnTimes(answer: Answer | undefined): answer is Answer {
  if (answer === undefined) return false;
  return answer.kind !== 'failed' || answer.problem.code === 'bad_query' || answer.problem.code === 'bad_mapping';
}

/** Rounds of searches, each of all that is still to be asked. */
async function askAll(
  wire: Wire,
  queries: readonly Query[],
  settings: Limits & Planning,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const answers = new Array<Answer>(queries.length).fill(UNANSWERED);
  let progress: readonly QueryProgress[] = plan(queries, settings).map(begin);
  for (;;) {
    for (const { place, answer } of progress.flatMap((one) => one.answers)) answers[place] = answer;
    const underway = progress.flatMap((one) => one.underway);
    if (underway.length === 0) return answers;
    const searches = underway.map(({ search }) => search);
    const reads = await sendSearches(wire, searches, settings, signal);
    progress = underway.map((one, i) => proceed(one, reads[i] ?? MISSING, !signal.aborted));
  }
}
