import { type Dirent, stat as statWithCallback } from 'node:fs';
import { access, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { asError } from '../core/errors.ts';
import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
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
const AT_ONCE = 32;

/** Half as dear as the one that gives promises, and asked of every file at every look. */
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
 * along, so that a file read alone is the same rule as in its folder. Each real file is read once, whatever links lead to it. What an
 * earlier look has read, and nobody has touched since, comes from `known` as the same object.
 */
export async function readRuleFiles(paths: readonly string[], known: KnownTexts = new Map()): Promise<ReadFiles> {
  const walk: Walk = { found: new Set(), seen: new Set(), problems: [], unread: [], known, texts: new Map() };
  for (const path of paths) await addPath(path, walk);
  const names = [...walk.found].sort();
  const files: SourceFile[] = [];
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const texts = await Promise.all(names.slice(start, start + AT_ONCE).map((name) => readText(name, walk)));
    files.push(...texts.flatMap((file) => file ?? []));
  }
  return { files, problems: walk.problems, unread: walk.unread.sort(), texts: walk.texts };
}

interface Walk {
  /** Files to read. */
  readonly found: Set<string>;
  /** Real paths of files and folders that were met. */
  readonly seen: Set<string>;
  readonly problems: Problem[];
  readonly unread: string[];
  readonly known: KnownTexts;
  readonly texts: Map<string, KnownText>;
}

async function addPath(given: string, walk: Walk): Promise<void> {
  const path = join(given);
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      await addDefaultsAbove(path, walk);
      await addFolder(path, walk);
      checkNotEmpty(path, walk);
    } else {
      await addDefaultsAbove(dirname(path), walk);
      await addDefaultsOf(dirname(path), walk);
      if (isTestFile(basename(path))) unreadable(path, 'this is a rule test, not a rule file', 'run it with `tocsin test`', walk);
      else addFile(path, await realpath(path), walk);
    }
  } catch (thrown) {
    unreadable(path, reasonOf(thrown), 'check the path and who may read it', walk);
  }
}

/** A folder without any rule file is most likely not the one that was meant. */
function checkNotEmpty(folder: string, walk: Walk): void {
  const inside = join(folder, 'x').slice(0, -1);
  const isRule = (name: string) => name.startsWith(inside) && !isDefaultsFile(basename(name));
  if ([...walk.found].some(isRule) || walk.unread.some((name) => name === folder || name.startsWith(inside))) return;
  walk.problems.push(
    problem('rule/no-rule', folder, 'there is no rule file in this folder', 'rules are files named *.yaml or *.yml'),
  );
}

async function addFolder(folder: string, walk: Walk): Promise<void> {
  try {
    const real = await realpath(folder);
    if (!isNew(real, walk)) return;
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) await addEntry({ path: folder, real }, entry, walk);
  } catch (thrown) {
    unreadable(folder, reasonOf(thrown), 'check who may read it', walk);
  }
}

/** A folder as it was named, and where it really is. */
interface Folder {
  readonly path: string;
  readonly real: string;
}

async function addEntry(folder: Folder, entry: Dirent, walk: Walk): Promise<void> {
  const { name } = entry;
  if (name.startsWith('.') || name === 'node_modules') return;
  const path = join(folder.path, name);
  const isYaml = /\.ya?ml$/i.test(name);
  const wanted = isYaml && !isTestFile(name) && !CONFIG_FILES.includes(name);
  if (entry.isDirectory()) return addFolder(path, walk);
  if (entry.isSymbolicLink()) return addLink(path, wanted, walk);
  // What is no link is where its folder is: with thousands of files, to ask the system for each costs more than all the rest.
  if (wanted) addFile(path, join(folder.real, name), walk);
}

async function addLink(path: string, wanted: boolean, walk: Walk): Promise<void> {
  try {
    const target = await stat(path);
    if (target.isDirectory()) return await addFolder(path, walk);
    if (wanted) addFile(path, await realpath(path), walk);
  } catch (thrown) {
    // A link that leads nowhere, or round in a circle, matters only where it bears the name of a rule file.
    if (wanted) unreadable(path, reasonOf(thrown), 'mend or remove the link', walk);
  }
}

function addFile(path: string, real: string, walk: Walk): void {
  if (walk.found.size < MAX_FILES) {
    if (isNew(real, walk)) walk.found.add(path);
  } else if (!walk.problems.some(({ code }) => code === 'rule/too-many-files')) {
    const message = `more than ${MAX_FILES} files: this one and those that follow are left out`;
    walk.problems.push(problem('rule/too-many-files', path, message, 'is this the folder you meant?'));
    walk.unread.push(path);
  }
}

function isNew(real: string, walk: Walk): boolean {
  if (walk.seen.has(real)) return false;
  walk.seen.add(real);
  return true;
}

async function addDefaultsOf(folder: string, walk: Walk): Promise<void> {
  for (const name of DEFAULTS_FILES) {
    const path = join(folder, name);
    if (await exists(path)) addFile(path, await realpath(path), walk);
  }
}

async function addDefaultsAbove(folder: string, walk: Walk): Promise<void> {
  const above: string[] = [];
  for (let here = folder; !(await isProjectTop(here)); here = join(here, '..')) {
    if (resolve(here) === resolve(here, '..')) return;
    above.push(join(here, '..'));
  }
  for (const each of above) await addDefaultsOf(each, walk);
}

async function isProjectTop(folder: string): Promise<boolean> {
  for (const mark of PROJECT_MARKS) if (await exists(join(folder, mark))) return true;
  return false;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readText(path: string, walk: Walk): Promise<SourceFile | undefined> {
  try {
    const found = await statOf(path, { bigint: true });
    if (!found.isFile()) return unreadable(path, 'this is no regular file', 'rules are read from files', walk);
    if (found.size > MAX_BYTES) return tooLarge(path, Number(found.size), walk);
    const known = await readKnown(found, walk.known.get(path), async () => {
      const bytes = await readFile(path);
      if (bytes.length > MAX_BYTES) return tooLarge(path, bytes.length, walk);
      return { file: path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
    });
    if (known !== undefined) walk.texts.set(path, known);
    return known?.source;
  } catch (thrown) {
    if (thrown instanceof TypeError) return unreadable(path, 'this is not UTF-8 text', 'save it as UTF-8', walk);
    return unreadable(path, reasonOf(thrown), 'check who may read it', walk);
  }
}

function tooLarge(path: string, size: number, walk: Walk): undefined {
  return unreadable(path, `${size} bytes are more than a rule file may have (${MAX_BYTES})`, 'split it into several files', walk);
}

function unreadable(path: string, message: string, hint: string, walk: Walk): undefined {
  walk.problems.push(problem('rule/unreadable', path, message, hint));
  walk.unread.push(path);
}

function problem(code: string, file: string, message: string, hint: string): Problem {
  return { code, severity: 'error', message, hint, at: { file, line: 1, column: 1 } };
}

function isTestFile(name: string): boolean {
  return /\.test\.ya?ml$/i.test(name);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  ELOOP: 'its links lead round in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOTDIR: 'a part of the path is no folder',
};

function reasonOf(thrown: unknown): string {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  return (typeof code === 'string' ? own(REASONS, code) : undefined) ?? asError(thrown).message;
}
