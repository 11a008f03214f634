import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Problem } from '../core/problems.ts';
import { addFound, type FoundFile, newWalk, shownPath, walkFolder } from '../files/find-files.ts';
import { type FileRefusal, readFileText, refusalOf } from '../files/open-file.ts';
import type { FileSilence, FileSilences, SilenceFile } from './file-silence.ts';
import { readSilenceFile, type SilenceContext } from './read-file.ts';

/** Largest file, bytes. */
const MAX_BYTES = 1024 * 1024;
const MAX_FILES = 1_000;
const MAX_SILENCES = 5_000;

/** Where silences are: folders and files; one that need not be there is only looked for. */
export interface SilencePaths {
  readonly paths: readonly string[];
  readonly optional: boolean;
  /** How a path is shown to people. */
  readonly shown?: (path: string) => string;
}

/** Notes that a path is not read, and why. */
type Refuse = (path: string, refusal: Pick<FileRefusal, 'message' | 'hint'>) => void;

/** Reads the silences of files and folders. Never throws: what cannot be read or understood is a problem, and a file with an error gives no silence. */
export async function loadSilences(
  { paths, optional, shown = (path) => path }: SilencePaths,
  context: SilenceContext = {},
): Promise<FileSilences> {
  const nameOf = (path: string) => shownPath(shown(join(path)));
  const problems: Problem[] = [];
  const unread = new Set<string>();
  const refuse: Refuse = (path, refusal) => {
    problems.push(unreadable(nameOf(path), refusal));
    unread.add(nameOf(path));
  };
  const found = await filesOf(paths, optional, refuse);
  const read = await Promise.all(found.map((file) => readOne(file, nameOf(file.path), context)));
  const good = read.map(({ problems: own }) => own.every(({ severity }) => severity !== 'error'));
  const silences = read.flatMap((one, index) => (good[index] === true ? one.silences : []));
  const twice = duplicates(silences);
  const broken = new Set(twice.map(({ at }) => at?.file));
  const files = read.map(({ file }, index): SilenceFile => ({ file, ok: good[index] === true && !broken.has(file) }));
  return {
    silences: silences.filter(({ position }) => !broken.has(position.file)),
    files: [...files, ...[...unread].map((file) => ({ file, ok: false }))],
    problems: [...problems, ...read.flatMap((one) => one.problems), ...twice],
  };
}

/**
 * What is in force after a reload: a file that does not load, or cannot be read any more, keeps its last good silences, unless another file has them
 * now. A file that no longer exists takes its silences along.
 */
export function withLastGood(before: FileSilences, loaded: FileSilences): FileSilences {
  const broken = new Set(loaded.files.flatMap(({ file, ok }) => (ok ? [] : [file])));
  const names = new Set(loaded.silences.map(({ name }) => name));
  const isBroken = (file: string) => broken.has(file) || [...broken].some((folder) => file.startsWith(`${folder}/`));
  const kept = before.silences.filter(({ position, name }) => isBroken(position.file) && !names.has(name));
  const known = new Map(before.silences.map((one) => [one.name, one]));
  // The same object as long as it is the same: what was worked out of it is kept.
  const same = (one: FileSilence) => {
    const old = known.get(one.name);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(one) ? old : one;
  };
  return { ...loaded, silences: [...loaded.silences, ...kept].map(same) };
}

/** The files in the order of their names: at most so many. */
async function filesOf(paths: readonly string[], optional: boolean, refuse: Refuse): Promise<readonly FoundFile[]> {
  const walk = newWalk();
  for (const path of paths) {
    try {
      const real = await realpath(path);
      if ((await stat(real)).isDirectory()) await walkFolder(path, (name) => /\.ya?ml$/i.test(name), walk);
      else addFound({ path, real, root: await realpath(dirname(path)) }, walk);
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      if (refusal.code !== 'absent' || !optional) refuse(path, refusal);
    }
  }
  for (const { path, refusal } of walk.refused) refuse(path, refusal);
  const found = [...walk.found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const message = `more than ${MAX_FILES} files of silences: this one is skipped`;
  for (const { path } of found.slice(MAX_FILES)) refuse(path, { message, hint: 'check the path' });
  return found.slice(0, MAX_FILES);
}

function unreadable(file: string, { message, hint }: Pick<FileRefusal, 'message' | 'hint'>): Problem {
  return { code: 'silence/unreadable', severity: 'error', message, hint, at: { file, line: 1, column: 1 } };
}

async function readOne(
  { path, root }: FoundFile,
  file: string,
  context: SilenceContext,
): Promise<{ readonly file: string; readonly silences: readonly FileSilence[]; readonly problems: readonly Problem[] }> {
  const text = await readFileText(path, { maxBytes: MAX_BYTES, within: [root] });
  if (text.ok) return { file, ...readSilenceFile({ file, text: text.text }, context) };
  return { file, silences: [], problems: [unreadable(file, text)] };
}

function duplicates(silences: readonly FileSilence[]): readonly Problem[] {
  const first = new Map<string, FileSilence>();
  return silences.flatMap((silence, index): readonly Problem[] => {
    const known = first.get(silence.name);
    if (known === undefined && index < MAX_SILENCES) {
      first.set(silence.name, silence);
      return [];
    }
    const where = known === undefined ? '' : `${known.position.file}:${known.position.line}`;
    const message =
      known === undefined
        ? `more than ${MAX_SILENCES} silences`
        : `another silence is named ${JSON.stringify(silence.name)}: ${where}`;
    const hint = known === undefined ? 'several alerts may share one silence' : 'use a unique name';
    return [{ code: 'silence/duplicate-name', severity: 'error', message, hint, at: silence.position }];
  });
}
