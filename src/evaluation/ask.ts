import { type InternalErrors, internalErrorText } from '../core/internal-errors.ts';
import type { Json } from '../core/json.ts';
import type { Input, RuleType } from '../rule-types/rule-type.ts';
import type { Answer, Arrived, Cost } from '../search/answer.ts';
import type { Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import { type SearchProblem, searchProblem } from '../search/search-problem.ts';
import { atTick } from '../search/tick-as-now.ts';

/** One evaluation to ask for: a rule type and its input. */
export interface Question {
  readonly type: RuleType<unknown, Json>;
  readonly input: Input<unknown, Json>;
}

/** All answers of one evaluation, or the problem that ended it. */
export type Asked =
  | { readonly ok: true; readonly answers: ReadonlyMap<string, Arrived>; readonly sent: readonly Json[]; readonly cost: Cost }
  | { readonly ok: false; readonly problem: SearchProblem; readonly sent: readonly Json[]; readonly cost: Cost };

/** Most rounds of questions in one evaluation: a second that depends on the first, and one to ask again. */
const MAX_ROUNDS = 3;

interface Progress {
  readonly question: Question;
  readonly answers: Map<string, Arrived>;
  readonly sent: Json[];
  cost: Cost;
  problem: SearchProblem | undefined;
}

/** Asks for many evaluations together: one `ask` of the port a round. Results in the order of the questions. */
export async function askAll(
  questions: readonly Question[],
  search: Search,
  errors: InternalErrors,
  signal: AbortSignal,
): Promise<readonly Asked[]> {
  const all = questions.map(begun);
  let open = all;
  for (let round = 0; round < MAX_ROUNDS && open.length > 0; round++) {
    const asking = open
      .map((progress) => ({ progress, queries: nextQueries(progress, errors) }))
      .filter((next) => next.queries.length > 0);
    if (asking.length === 0) break;
    await askRound(asking, search, signal);
    open = asking.map((next) => next.progress).filter((progress) => progress.problem === undefined);
  }
  return all.map(askedOf);
}

/** Asks for one evaluation what is known already; undefined where something has to be waited for. */
export function askKnown(question: Question, known: NonNullable<Search['known']>): Asked | undefined {
  const progress = begun(question);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const queries = queriesOf(progress);
    if (queries.length === 0) break;
    const answers = known(queries);
    if (answers === undefined) return undefined;
    for (const [place, query] of queries.entries()) take(progress, query, answers[place]);
  }
  return askedOf(progress);
}

function begun(question: Question): Progress {
  return { question, answers: new Map(), sent: [], cost: { took: 0, shards: 0, merged: 1 }, problem: undefined };
}

function askedOf({ answers, sent, cost, problem }: Progress): Asked {
  return problem === undefined ? { ok: true, answers, sent, cost } : { ok: false, problem, sent, cost };
}

function queriesOf({ question: { type, input }, answers }: Progress): readonly Query[] {
  const queries = type.ask(input, answers).filter((query) => !answers.has(query.name));
  return queries.map((query) => atTick(query, input.at));
}

function nextQueries(progress: Progress, errors: InternalErrors): readonly Query[] {
  try {
    return queriesOf(progress);
  } catch (thrown) {
    // A type that stumbles over one rule must not take the other rules of the batch with it.
    const { id } = progress.question.input.spec;
    progress.problem = searchProblem('internal', internalErrorText(errors.note('rule', id, 'running its queries', thrown)));
    return [];
  }
}

async function askRound(
  asking: readonly { readonly progress: Progress; readonly queries: readonly Query[] }[],
  search: Search,
  signal: AbortSignal,
): Promise<void> {
  const answers = await search.ask(
    asking.flatMap(({ queries }) => queries),
    signal,
  );
  let place = 0;
  for (const { progress, queries } of asking) for (const query of queries) take(progress, query, answers[place++]);
}

function take(progress: Progress, query: Query, answer: Answer | undefined): void {
  if (answer === undefined) {
    progress.problem ??= searchProblem('bad_answer', `the search port returned no result for “${query.name}”`);
    return;
  }
  progress.cost = together(progress.cost, answer.cost);
  if (answer.sent !== undefined) progress.sent.push(answer.sent);
  if (answer.kind === 'failed') progress.problem ??= answer.problem;
  else progress.answers.set(query.name, answer);
}

function together(one: Cost, other: Cost): Cost {
  return {
    took: Math.max(one.took, other.took),
    shards: one.shards + other.shards,
    merged: Math.max(one.merged, other.merged),
  };
}
