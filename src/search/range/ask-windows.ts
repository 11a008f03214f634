import type { TimeRange } from '../../core/time.ts';
import type { Arrived } from '../answer.ts';
import type { GroupsQuery, Query } from '../query.ts';
import { addSlices } from './add-slices.ts';
import { openAnswer, type RangeAnswer, type RangeQuery, type RangeSearch } from './range-query.ts';
import { addsUp, partQuery, summedFields } from './slice-parts.ts';
import { slicesOf } from './slices.ts';

/** A question and the windows that it is asked about, oldest first; its own window says nothing. */
export interface QuestionOverWindows {
  readonly query: Query;
  readonly windows: readonly TimeRange[];
  /** How many groups a window is expected to have. */
  readonly groups: number;
}

/** Says whether a question can be asked about many windows: ES|QL, pieces of windows and pages by rank cannot. */
export function spansWindows(query: Query): boolean {
  return query.kind === 'groups' || (query.kind === 'hits' && query.within === undefined && query.first === undefined);
}

/**
 * Asks each question about all of its windows, in range queries: of the windows themselves, or of the slices of which they are made. Answers in
 * the order of the questions and their windows, each as asking that window alone gives it; undefined: ask for it alone.
 */
export async function askWindows(
  questions: readonly QuestionOverWindows[],
  ranges: RangeSearch,
  signal: AbortSignal,
): Promise<readonly (readonly (Arrived | undefined)[])[]> {
  const plans = await Promise.all(questions.map((question) => planOf(question, ranges, signal)));
  const asked = plans.flatMap((plan) => plan?.asked ?? []);
  const answers = asked.length === 0 ? [] : await ranges.ask(asked, signal);
  let place = 0;
  return plans.map((plan, index) => {
    if (plan === undefined) return questions[index]?.windows.map(() => undefined) ?? [];
    return plan.read(answers[place++] ?? openAnswer(plan.asked));
  });
}

interface Plan {
  readonly asked: RangeQuery;
  read(answer: RangeAnswer): readonly (Arrived | undefined)[];
}

async function planOf(
  { query, windows, groups }: QuestionOverWindows,
  ranges: RangeSearch,
  signal: AbortSignal,
): Promise<Plan | undefined> {
  if (query.kind === 'esql' || !spansWindows(query)) return undefined;
  const slices = slicesOf(windows);
  const counted = query.kind === 'hits' ? countQuery(query) : query;
  const anyOrder = addsUp(counted) && (await sumsExactly(counted, ranges, signal));
  if (slices !== undefined && anyOrder) {
    const asked: RangeQuery = { query: partQuery(counted), windows: slices, anyOrder, groups, ordered: true };
    return { asked, read: (answer) => answersTo(query, addSlices(counted, windows, slices, answer)) };
  }
  return { asked: { query: counted, windows, anyOrder, groups }, read: ({ answers }) => answersTo(query, answers) };
}

async function sumsExactly(query: GroupsQuery, ranges: RangeSearch, signal: AbortSignal): Promise<boolean> {
  const fields = summedFields(query);
  if (fields.length === 0) return true;
  const whole = await ranges.wholeFields(query.source, fields, signal);
  return fields.every((field) => whole.has(field));
}

/** The question how many documents there are. */
function countQuery({ name, source, window, filter }: Query): GroupsQuery {
  return { kind: 'groups', name, source, window, filter, groupBy: [], missing: 'exclude', metrics: {}, maxGroups: 1 };
}

/** For documents, a range query only shows which windows have none. */
function answersTo(query: Query, answers: readonly (Arrived | undefined)[]): readonly (Arrived | undefined)[] {
  if (query.kind !== 'hits') return answers;
  return answers.map((answer) => (answer?.matched === 0 ? { ...answer, groups: [], atLeast: 0 } : undefined));
}
