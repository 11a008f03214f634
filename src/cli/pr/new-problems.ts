import type { Problem } from '../../core/problems.ts';
import type { OpenedRevision } from '../open-revision.ts';

/**
 * What check finds in one revision and did not find in the other, by what is said of which key: a line that moved, or a file, makes no finding
 * new. `known`: how many were there before.
 */
export function newProblems(
  before: OpenedRevision,
  after: OpenedRevision,
): { readonly problems: readonly Problem[]; readonly known: number } {
  const { problems: old } = before;
  const { problems: all } = after;
  const inPlace = taken(all, old, ({ at }) => at?.file ?? '');
  // A file that no longer exists must not excuse the error of another: only what fails nothing may have moved with its file.
  const errors = inPlace.left.filter(({ severity }) => severity === 'error');
  const moved = taken(
    inPlace.left.filter((problem) => !errors.includes(problem)),
    inPlace.unused,
    () => '',
  ).left;
  const problems = inPlace.left.filter((problem) => errors.includes(problem) || moved.includes(problem));
  return { problems, known: all.length - problems.length };
}

/** Problems for which there is no equal one among others; each of those counts once. */
function taken(problems: readonly Problem[], others: readonly Problem[], place: (problem: Problem) => string) {
  const words = ({ message }: Problem) => message.replace(/(\.ya?ml):\d+/gi, '$1');
  const keyOf = (problem: Problem) => JSON.stringify([place(problem), problem.code, problem.path, words(problem)]);
  const known = new Map<string, Problem[]>();
  for (const problem of others) known.set(keyOf(problem), [...(known.get(keyOf(problem)) ?? []), problem]);
  const left = problems.filter((problem) => known.get(keyOf(problem))?.pop() === undefined);
  return { left, unused: [...known.values()].flat() };
}
