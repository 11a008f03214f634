import { dirname, join } from 'node:path';
import { hashId } from '../core/ids.ts';
import { isObject } from '../core/json.ts';
import type { Problem } from '../core/problems.ts';
import { complainOf, complaintsOf } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { parseOnly, type SourceFile } from '../yaml/parse.ts';
import { kindOf } from '../yaml/schema-words.ts';
import { RULE_CODES } from './codes.ts';
import { looksLikeDefaults } from './parse-file.ts';
import { validateDefaults } from './validate.ts';

/** The `defaults.yaml` of one folder. */
interface FolderDefaults {
  readonly file: string;
  readonly digest: string;
  readonly document: YamlDocument | undefined;
  readonly broken: boolean;
}

/** The defaults of all folders, and those of each file as they were found before. */
export interface DefaultsByFolder {
  readonly folders: ReadonlyMap<string, FolderDefaults>;
  readonly found: Map<string, InheritedDefaults>;
  readonly problems: readonly Problem[];
}

/** The defaults that hold for the files of one folder, nearest first. */
export interface InheritedDefaults {
  readonly documents: readonly YamlDocument[];
  readonly digest: string;
  readonly brokenBy: string | undefined;
}

/** Folders deeper than this do not inherit; a path of `..` has no top of its own. */
const MAX_DEPTH = 64;

/** Reads the `defaults.yaml` files, one a folder; those in `unread` are broken: their folders must not do without them. */
export function readDefaults(files: readonly SourceFile[], unread: readonly string[]): DefaultsByFolder {
  const problems: Problem[] = [];
  const folders = new Map<string, FolderDefaults>();
  for (const source of files) {
    const parsed = parseOnly(source, RULE_CODES, 'join them', looksLikeDefaults);
    const { document } = parsed;
    const own = [...parsed.problems, ...(document === undefined ? [] : problemsOf(document, parsed.plain))];
    problems.push(...own);
    folders.set(dirname(source.file), { file: source.file, digest: hashId(source.text), document, broken: own.length > 0 });
  }
  for (const file of unread) folders.set(dirname(file), { file, digest: 'unread', document: undefined, broken: true });
  return { folders, found: new Map(), problems };
}

function problemsOf(document: YamlDocument, plain: boolean): readonly Problem[] {
  const complaints = complaintsOf(document);
  if (plain) complainOf(validateDefaults(document.value), RULE_CODES, complaints);
  else complaints.error(RULE_CODES.invalid, [], `expected keys of rules, got ${kindOf(document.value)}`, 'such as every: 5m');
  return complaints.problems;
}

/** The defaults of a file's folder and of the folders above it, nearest first. */
export function defaultsFor(file: string, defaults: DefaultsByFolder): InheritedDefaults {
  const folder = dirname(file);
  const known = defaults.found.get(folder);
  if (known !== undefined) return known;
  const chain = foldersUp(folder).flatMap((each) => defaults.folders.get(each) ?? []);
  const inherited = {
    documents: chain.flatMap(({ document, broken }) => (document === undefined || broken ? [] : [document])),
    digest: hashId(...chain.map(({ file: name, digest }) => [name, digest])),
    brokenBy: chain.find(({ broken }) => broken)?.file,
  };
  defaults.found.set(folder, inherited);
  return inherited;
}

function foldersUp(folder: string): readonly string[] {
  const folders = [folder];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const above = join(folders.at(-1) ?? folder, '..');
    if (above === folders.at(-1)) break;
    folders.push(above);
  }
  return folders;
}

/** Mutually exclusive keys: a rule that has one of them does not inherit the others. */
const RIVALS: readonly (readonly string[])[] = [
  ['every', 'schedule'],
  ['every', 'timezone'],
  ['condition', 'levels'],
];

/**
 * A document with the keys of its defaults (nearest folder first) where it has none itself; `labels` are joined label by label.
 * Every value keeps the file that contains it.
 */
export function withDefaults(document: YamlDocument, defaults: readonly YamlDocument[]): YamlDocument {
  return defaults.reduce(merge, document);
}

function merge(own: YamlDocument, defaults: YamlDocument): YamlDocument {
  if (!isObject(own.value) || !isObject(defaults.value)) return own;
  const mine = own.value;
  const theirs = Object.fromEntries(Object.entries(defaults.value).filter(([key]) => inherits(mine, key)));
  const labels = joinedLabels(mine, theirs);
  const value = { ...theirs, ...mine, ...(labels === undefined ? {} : { labels }) };
  const owner = (path: readonly (string | number)[]): YamlDocument => {
    const [key, label] = path;
    if (key === undefined) return own;
    if (key === 'labels' && label !== undefined)
      return has(mine['labels'], label) || !has(theirs['labels'], label) ? own : defaults;
    return Object.hasOwn(mine, key) || !Object.hasOwn(theirs, key) ? own : defaults;
  };
  return {
    file: own.file,
    value,
    place: (path, part) => owner(path).place(path, part),
    written: (path) => owner(path).written(path),
    placeInText: (path, offset) => owner(path).placeInText(path, offset),
  };
}

function inherits(mine: Readonly<Record<string, unknown>>, key: string): boolean {
  return !RIVALS.some((rivals) => rivals.includes(key) && rivals.some((rival) => rival !== key && Object.hasOwn(mine, rival)));
}

/** A severity that was only inherited gives way to the severities of `levels`. */
function joinedLabels(mine: Readonly<Record<string, unknown>>, theirs: Readonly<Record<string, unknown>>): unknown {
  const inherited = theirs['labels'];
  if (!isObject(inherited)) return undefined;
  const { severity: _severity, ...others } = inherited;
  const kept = Object.hasOwn(mine, 'levels') ? others : inherited;
  if (!Object.hasOwn(mine, 'labels')) return kept;
  return isObject(mine['labels']) ? { ...kept, ...mine['labels'] } : undefined;
}

function has(value: unknown, key: string | number): boolean {
  return isObject(value) && Object.hasOwn(value, key);
}
