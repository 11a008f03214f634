import type { ErrorObject } from 'ajv';

const CHOICES = new Set(['anyOf', 'oneOf']);
const SHAPE = new Set(['type', 'const', 'enum']);

/**
 * Of ajv's errors about a choice (`anyOf`, `oneOf`) leaves those of the branch that was meant; where none was, the error of the
 * choice itself.
 */
export function settleChoices(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let rest = errors;
  const choices = errors.filter((error) => CHOICES.has(error.keyword)).sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  for (const choice of choices) {
    if (!rest.includes(choice)) continue;
    const inside = (error: ErrorObject) =>
      error.schemaPath.startsWith(`${choice.schemaPath}/`) && error.instancePath.startsWith(choice.instancePath);
    const meant = meantBranch(choice, rest.filter(inside));
    rest = rest.filter((error) => !inside(error) && error !== choice);
    rest = meant === undefined ? [...rest, choice] : [...rest, ...meant];
  }
  return rest;
}

/**
 * The errors of the branch whose shape fits the value and that has fewest; branches of another shape, or two that fit alike, were
 * not meant.
 */
function meantBranch(choice: ErrorObject, inside: readonly ErrorObject[]): readonly ErrorObject[] | undefined {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const branch = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? '';
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const fitting = [...branches.values()].filter(
    (branch) => !branch.some((error) => error.instancePath === choice.instancePath && SHAPE.has(error.keyword)),
  );
  const [best, second] = fitting.sort((a, b) => a.length - b.length);
  return best?.length === second?.length ? undefined : best;
}
