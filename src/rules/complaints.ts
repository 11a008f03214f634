import type { Position, Problem } from '../core/problems.ts';
import { formatPath, type Path, type RuleDocument } from './document.ts';

/** Collects what is wrong with one document; each complaint finds its place in the file by its path. */
export interface Complaints {
  error(code: string, path: Path, message: string, hint?: string, part?: 'key' | 'value'): void;
  warning(code: string, path: Path, message: string, hint?: string): void;
  /** A warning that a key has no use here; none for an inherited one, which is meant for other rules. */
  idle(path: Path, message: string, hint?: string): void;
  /** An error at a character of the text at `path`. */
  errorInText(code: string, path: Path, offset: number, message: string, hint?: string): void;
  readonly problems: readonly Problem[];
  readonly failed: boolean;
}

/** Makes an empty collection for a document. */
export function complaintsOf(document: RuleDocument): Complaints {
  const problems: Problem[] = [];
  const add = (problem: Omit<Problem, 'path' | 'hint'>, path: Path, hint: string | undefined) => {
    if (problems.some(({ at, message }) => message === problem.message && samePlace(at, problem.at))) return;
    problems.push({ ...problem, ...(path.length === 0 ? {} : { path: formatPath(path) }), ...(hint === undefined ? {} : { hint }) });
  };
  return {
    error: (code, path, message, hint, part = 'value') =>
      add({ code, severity: 'error', message, at: document.place(path, part) }, path, hint),
    warning: (code, path, message, hint) =>
      add({ code, severity: 'warning', message, at: document.place(path, 'key') }, path, hint),
    idle: (path, message, hint) => {
      const at = document.place(path, 'key');
      if (at.file === document.file) add({ code: 'rule/no-effect', severity: 'warning', message, at }, path, hint);
    },
    errorInText: (code, path, offset, message, hint) =>
      add({ code, severity: 'error', message, at: document.placeInText(path, offset) }, path, hint),
    problems,
    get failed() {
      return problems.some((problem) => problem.severity === 'error');
    },
  };
}

/** Two readers of one key say the same of it. */
function samePlace(a: Position | undefined, b: Position | undefined): boolean {
  return a?.file === b?.file && a?.line === b?.line && a?.column === b?.column;
}
