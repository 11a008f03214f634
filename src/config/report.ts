import { type Complaints, complainOf, complaintsOf } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { isBelow, type Path } from '../yaml/path.ts';
import type { SchemaProblem } from '../yaml/schema-problems.ts';
import { CONFIG_CODES } from './codes.ts';

/**
 * What a command needs of the secrets that a configuration names: all of them, those of `elasticsearch`, or none. What is not needed and not
 * there is a note.
 */
export type SecretNeeds = 'all' | 'elasticsearch' | 'none';

/** Collects the problems of a configuration, with positions. */
export interface Report extends Complaints {
  /** From now on no message quotes this text, which came from the environment to this path and may be a secret in the wrong place. */
  conceal(text: string, shownAs: string, path: Path): void;
  /** What a schema says: it quotes the file as it was written, so nothing in it is concealed. A misspelt key is broken, not missing. */
  fromSchema(found: readonly SchemaProblem[]): void;
  /**
   * Something outside the file that this path needs is missing: an error where the command needs it, and gives true; else a note, and a
   * stand-in takes its place. Nothing else is said of the path.
   */
  missing(code: string, path: Path, message: string, hint: string): boolean;
}

/** Starts a report about a file; without one, or where it says nothing, problems have no position. */
export function reportOn(document: YamlDocument | undefined, needed: SecretNeeds = 'all'): Report {
  const concealed = new Map<string, { readonly shownAs: string; readonly paths: Path[] }>();
  const settled: Path[] = [];
  const misspelt: Path[] = [];
  let concealing = true;
  const clean = (text: string, path: Path) => {
    if (settled.some((at) => isBelow(path, at))) return undefined;
    if (!concealing) return text;
    return [...concealed].reduce((shown, [hidden, { shownAs, paths }]) => {
      const concerned = !PLAIN_WORD.test(hidden) || paths.some((at) => isBelow(at, path) || isBelow(path, at));
      return concerned ? shown.replaceAll(hidden, shownAs) : shown;
    }, text);
  };
  const complaints = complaintsOf(document, clean);
  return {
    ...complaints,
    broken: (path) => complaints.broken(path) || misspelt.some((found) => isBelow(found, path)),
    conceal: (text, shownAs, path) => {
      if (text.length < 4) return;
      const known = concealed.get(text);
      if (known === undefined) concealed.set(text, { shownAs, paths: [path] });
      else known.paths.push(path);
    },
    fromSchema: (found) => {
      concealing = false;
      complainOf(found, CONFIG_CODES, complaints);
      for (const { path, meant } of found) if (meant !== undefined) misspelt.push([...path.slice(0, -1), meant]);
      concealing = true;
    },
    missing: (code, path, message, hint) => {
      const isNeeded = needed === 'all' || (needed === 'elasticsearch' && path[0] === 'elasticsearch');
      if (isNeeded) complaints.error(code, path, message, hint);
      else complaints.note('config/secret-missing', path, message, 'not needed here: `run`, `doctor` and `alerts` need it');
      settled.push(path);
      return isNeeded;
    },
  };
}

/** Words that messages are made of as well: concealed only in what is said of the place they came to. */
const PLAIN_WORD = /^(?:[A-Za-z]{1,11}|\d+)$/;
