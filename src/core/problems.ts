/** A position in a file: 1-based line and column. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with what someone gave us: what was expected, what came, and the next step. */
export interface Problem {
  /** Stable, searchable code, e.g. `rule/unknown-key`. */
  readonly code: string;
  /** note: nothing is wrong, and something is good to know. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  /** The next step, or the nearest known name. */
  readonly hint?: string;
  /** Path of the offending value, e.g. `metrics.used.max`. */
  readonly path?: string;
  readonly at?: Position;
}

/** A value, or all the problems found on the way to it. A value may have warnings. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** `file:line:column path: message (hint)`, the form editors and people jump to. */
export function formatProblem(problem: Problem): string {
  const place = problem.at === undefined ? '' : `${problem.at.file}:${problem.at.line}:${problem.at.column}`;
  const head = [place, problem.path ?? ''].filter((part) => part !== '').join(' ');
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  const level = problem.severity === 'error' ? '' : `${problem.severity}: `;
  return `${head}${head === '' ? '' : ': '}${level}${problem.message}${hint}`;
}
