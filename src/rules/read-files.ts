import { stat as statWithCallback } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Problem } from '../core/problems.ts';
import { addFound, type FolderWalk, type FoundFile, newWalk, shownPath, walkFolder } from '../files/find-files.ts';
import { type FileRefusal, isThere, outsideOf, readFileText, refusalOf } from '../files/open-file.ts';
import type { SourceFile } from '../yaml/parse.ts';
import { type KnownText, type KnownTexts, readKnown } from './known-texts.ts';

/** The texts that were read, in the order of their names, and what could not be. */
export interface ReadFiles {
  readonly files: readonly SourceFile[];
  readonly problems: readonly Problem[];
  /** Files and folders that could not be read: what they hold is not known. */
  readonly unread: readonly string[];
  /** What was read, for the next look at the same paths. */
  readonly texts: KnownTexts;
}

/** Largest rule file, bytes. */
const MAX_BYTES = 1024 * 1024;
const MAX_FILES = 50_000;
/** Characters of all rule files together. */
const MAX_TOTAL = 512 * 1024 * 1024;
const AT_ONCE = 32;

/** Half as expensive as the promise-based version; called for every file at every check. */
const statOf = promisify(statWithCallback);

const DEFAULTS_FILES = ['defaults.yaml', 'defaults.yml'];
const CONFIG_FILES = ['tocsin.yaml', 'tocsin.yml'];
/** A folder that holds one of these is the top of a project: defaults are looked for up to it. */
const PROJECT_MARKS = ['.git', ...CONFIG_FILES];

/** Says whether a file of this name gives defaults to its folder. */
export function isDefaultsFile(name: string): boolean {
  return DEFAULTS_FILES.includes(name);
}

/**
 * Reads the rule files of paths: a file as it is, a folder with all below it, sorted by name. Hidden entries, rule tests
 * (`*.test.yaml`) and `tocsin.yaml` are left out. The `defaults.yaml` of the folders above, up to the top of the project, come
 * along, so that a file read alone is the same rule as in its folder. Each real file is read once, whatever links lead to it, and only
 * where it lies in the folder that was named, or in that of the file that was named. `within` (real paths): only what lies in one of these.
 * Files unchanged since an earlier check come from `known` as the same object.
 */
export async function readRuleFiles(
  paths: readonly string[],
  known: KnownTexts = new Map(),
  within?: readonly string[],
): Promise<ReadFiles> {
  const reading: Reading = { walk: newWalk(), problems: [], unread: [], known, texts: new Map(), within, bytes: 0 };
  for (const path of paths) await addPath(path, reading);
  const files = chosen(reading);
  const read: SourceFile[] = [];
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const texts = await Promise.all(files.slice(start, start + AT_ONCE).map((file) => readText(file, reading)));
    read.push(...texts.flatMap((file) => file ?? []));
  }
  return { files: read, problems: reading.problems, unread: reading.unread.sort(), texts: reading.texts };
}

interface Reading {
  readonly walk: FolderWalk;
  readonly problems: Problem[];
  readonly unread: string[];
  readonly known: KnownTexts;
  readonly texts: Map<string, KnownText>;
  readonly within: readonly string[] | undefined;
  /** Of all texts so far. */
  bytes: number;
}

async function addPath(given: string, reading: Reading): Promise<void> {
  const path = join(given);
  try {
    const real = await realpath(path);
    const outside = outsideOf(real, reading.within === undefined ? {} : { within: reading.within });
    if (outside !== undefined) return refused(path, outside, reading);
    const found = await stat(real);
    if (found.isDirectory()) {
      await addDefaultsAbove(path, reading);
      await addFolder(path, reading);
    } else {
      await addDefaultsAbove(dirname(path), reading);
      await addDefaultsOf(dirname(path), reading);
      if (isRuleTest(path)) unreadable(path, 'not a rule file: this is a rule test', 'run it with `tocsin test`', reading);
      else if (found.isFile() && !/\.ya?ml$/i.test(path))
        unreadable(path, 'not a YAML file', 'use the extension .yaml or .yml for rule files', reading);
      else addFound({ path, real, root: await realpath(dirname(path)) }, reading.walk);
    }
  } catch (thrown) {
    refused(path, refusalOf(thrown), reading);
  }
}

async function addFolder(folder: string, reading: Reading): Promise<void> {
  const before = reading.walk.refused.length;
  await walkFolder(folder, isRuleFile, reading.walk);
  for (const { path, refusal } of reading.walk.refused.slice(before)) refused(path, refusal, reading);
  checkNotEmpty(folder, reading);
}

/** A folder without any rule file is probably not the intended one. */
function checkNotEmpty(folder: string, { walk, unread, problems }: Reading): void {
  const inside = join(folder, 'x').slice(0, -1);
  const isRule = (name: string) => name.startsWith(inside) && !isDefaultsFile(basename(name));
  if ([...walk.found.keys()].some(isRule) || unread.some((name) => name === folder || name.startsWith(inside))) return;
  problems.push(problem('rule/no-rule', folder, 'no rule file in this folder', 'use the extension .yaml or .yml for rule files'));
}

/** The files that are read, by name: at most so many. */
function chosen(reading: Reading): readonly FoundFile[] {
  const files = [...reading.walk.found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const [beyond] = files.slice(MAX_FILES);
  if (beyond === undefined) return files;
  const message = `more than ${MAX_FILES} files: this one and the following ones are skipped`;
  reading.problems.push(problem('rule/too-many-files', beyond.path, message, 'check the path'));
  reading.unread.push(...files.slice(MAX_FILES).map(({ path }) => path));
  return files.slice(0, MAX_FILES);
}

async function addDefaultsOf(folder: string, { walk }: Reading): Promise<void> {
  for (const name of DEFAULTS_FILES) {
    const path = join(folder, name);
    if (await isThere(path)) addFound({ path, real: await realpath(path), root: await realpath(folder) }, walk);
  }
}

async function addDefaultsAbove(folder: string, reading: Reading): Promise<void> {
  const above: string[] = [];
  for (let here = folder; !(await isProjectTop(here)); here = join(here, '..')) {
    if (resolve(here) === resolve(here, '..')) return;
    above.push(join(here, '..'));
  }
  for (const each of above) await addDefaultsOf(each, reading);
}

async function isProjectTop(folder: string): Promise<boolean> {
  for (const mark of PROJECT_MARKS) if (await isThere(join(folder, mark))) return true;
  return false;
}

async function readText({ path, real, root }: FoundFile, reading: Reading): Promise<SourceFile | undefined> {
  try {
    const within = [root];
    const outside = outsideOf(real, { within });
    if (outside !== undefined) return refused(path, outside, reading);
    const found = await statOf(path, { bigint: true });
    const known = await readKnown(found, reading.known.get(path), async () => {
      const text = await readFileText(path, { maxBytes: MAX_BYTES, within });
      return text.ok ? { file: path, text: text.text } : refused(path, text, reading);
    });
    if (known === undefined) return undefined;
    reading.bytes += known.source.text.length;
    if (reading.bytes > MAX_TOTAL) return tooMuch(path, reading);
    reading.texts.set(path, known);
    return known.source;
  } catch (thrown) {
    return refused(path, refusalOf(thrown), reading);
  }
}

function tooMuch(path: string, reading: Reading): undefined {
  unreadable(
    path,
    `the rule files have more than ${MAX_TOTAL} characters in total: this one is skipped`,
    'specify fewer files',
    reading,
  );
}

/** Files of another kind have hints of their own; what is said of a rule file is about rule files. */
function refused(path: string, { code, message, hint }: FileRefusal, reading: Reading): undefined {
  const hints: Partial<Record<FileRefusal['code'], string>> = {
    not_regular: 'rules are read from files',
    outside: 'copy it into the folder, or specify its folder as well',
  };
  const said = code === 'too_large' ? message.replace('such a file', 'a rule file') : message;
  return unreadable(path, said, hints[code] ?? hint, reading);
}

function unreadable(path: string, message: string, hint: string, reading: Reading): undefined {
  reading.problems.push(problem('rule/unreadable', path, message, hint));
  reading.unread.push(path);
}

function problem(code: string, path: string, message: string, hint: string): Problem {
  return { code, severity: 'error', message, hint, at: { file: shownPath(path), line: 1, column: 1 } };
}

function isRuleFile(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !isRuleTest(name) && !CONFIG_FILES.includes(name);
}

/** Whether a file is a rule test by its name: they are next to the rules, and `rules/*.yaml` matches both. */
export function isRuleTest(path: string): boolean {
  return /\.test\.ya?ml$/i.test(path);
}

/** Where the test of a rule file is: `NAME.test.yaml` beside `NAME.yaml`. */
export function testFileBeside(file: string): string {
  return file.replace(/(\.ya?ml)$/i, '.test$1');
}
