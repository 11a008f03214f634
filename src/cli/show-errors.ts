import type { Problem } from '../core/problems.ts';
import { problemsText } from '../reports/check-text.ts';
import { type CommandLine, type GlobalOptions, lookOf } from './command-line.ts';

/** Shows the errors among problems on stderr, and gives them: a command goes on without what they are about, or says why it ends. */
export function showErrors(
  problems: readonly Problem[],
  line: Pick<CommandLine, 'stderr' | 'env'>,
  { color }: Pick<GlobalOptions, 'color'>,
): readonly Problem[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  line.stderr.write(problemsText(errors, lookOf(line.stderr, line.env, color)));
  return errors;
}
