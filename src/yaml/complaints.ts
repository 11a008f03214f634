import type { Position, Problem } from '../core/problems.ts';
import type { FaultCodes } from './codes.ts';
import type { YamlDocument } from './document.ts';
import { formatPath, isBelow, type Path } from './path.ts';
import type { SchemaProblem } from './schema-problems.ts';
import { inQuotes } from './schema-words.ts';

/** Collects what is wrong with one document; each complaint finds its place in the file by its path. */
export interface Complaints {
  error(code: string, path: Path, message: string, hint?: string, part?: 'key' | 'value'): void;
  warning(code: string, path: Path, message: string, hint?: string): void;
  /** Something that is good to know and not wrong. */
  note(code: string, path: Path, message: string, hint?: string): void;
  /** An error at a character of the text at `path`. */
  errorInText(code: string, path: Path, offset: number, message: string, hint?: string): void;
  /** The value at a path as it is written, where that is a word without quotes; undefined for all else. */
  written(path: Path): string | undefined;
  /** Whether an error was found at or below a path, so that its value must not be used. */
  broken(path: Path): boolean;
  /** In the order of the complaints, each once for a place: two readers of one key say the same of it. */
  readonly problems: readonly Problem[];
}

/**
 * Makes an empty collection for a document; without one (nothing was written) its problems have no place. `reword` has the last
 * word on every message and hint; what it gives undefined for is not reported.
 */
export function complaintsOf(
  document: YamlDocument | undefined,
  reword: (text: string, path: Path) => string | undefined = (text) => text,
): Complaints {
  const problems: Problem[] = [];
  const errors: Path[] = [];
  const add = (
    severity: Problem['severity'],
    code: string,
    path: Path,
    said: { readonly message: string; readonly hint: string | undefined; readonly at: Position | undefined },
  ) => {
    const message = reword(said.message, path);
    if (message === undefined) return;
    if (severity === 'error') errors.push(path);
    if (problems.some((known) => known.message === message && isSamePlace(known.at, said.at))) return;
    problems.push({
      code,
      severity,
      message,
      ...(path.length === 0 ? {} : { path: formatPath(path) }),
      ...(said.hint === undefined ? {} : { hint: reword(said.hint, path) ?? said.hint }),
      ...(said.at === undefined ? {} : { at: said.at }),
    });
  };
  return {
    error: (code, path, message, hint, part = 'value') =>
      add('error', code, path, { message, hint, at: document?.place(path, part) }),
    warning: (code, path, message, hint) => add('warning', code, path, { message, hint, at: document?.place(path, 'key') }),
    note: (code, path, message, hint) => add('note', code, path, { message, hint, at: document?.place(path, 'key') }),
    errorInText: (code, path, offset, message, hint) =>
      add('error', code, path, { message, hint, at: document?.placeInText(path, offset) }),
    written: (path) => document?.written(path),
    broken: (path) => errors.some((found) => isBelow(found, path)),
    problems,
  };
}

/** Takes up what a schema says against a document, under the codes of the room. */
export function complainOf(found: readonly SchemaProblem[], codes: FaultCodes, complaints: Complaints): void {
  for (const { kind, path, message, hint, part } of found) {
    // Of `010` the number 10 is read; in quotes belongs what is written.
    const written = hint?.startsWith(inQuotes('').slice(0, -1)) ? complaints.written(path) : undefined;
    complaints.error(codes[kind], path, message, written === undefined ? hint : inQuotes(written), part);
  }
}

/** The problems of one file from top to bottom. */
export function fromTopToBottom(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(({ at: a }, { at: b }) => (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0));
}

function isSamePlace(a: Position | undefined, b: Position | undefined): boolean {
  return a?.file === b?.file && a?.line === b?.line && a?.column === b?.column;
}
