import { basename } from 'node:path';
import { hashId, type RuleId } from '../core/ids.ts';
import type { Position, Problem } from '../core/problems.ts';
import { dividedBy, type Ignore, type Ignored, ignoresOf } from '../yaml/ignores.ts';
import type { SourceFile } from '../yaml/parse.ts';
import { type CompiledFile, compileFile, type Declared } from './compile-files.ts';
import type { RuleContext } from './compile-rule.ts';
import { readDefaults } from './folder-defaults.ts';
import type { KnownTexts } from './known-texts.ts';
import { isDefaultsFile, readRuleFiles } from './read-files.ts';
import type { Rule } from './rule.ts';

/** The outcome of one rule file. */
export interface RuleFile {
  readonly file: string;
  /** False when it has an error or could not be read; it then has no rules, or on reload those of its last good version. */
  readonly ok: boolean;
  readonly rules: readonly RuleId[];
  /** The `defaults.yaml` that broke it, when the file itself has no error. */
  readonly brokenBy?: string;
}

/** All that a set of files gave. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  /** Errors and warnings, sorted by file, line and column; without those that a comment ignores. */
  readonly problems: readonly Problem[];
  /** The comments of all files that ignore findings. */
  readonly ignores: readonly Ignore[];
  /** What they ignore so far. */
  readonly ignored: readonly Ignored[];
  readonly files: readonly RuleFile[];
  /** Files and folders that could not be read: what they hold is not known, which is not the same as gone. */
  readonly unread: readonly string[];
  /** Hash of each rule's keys, defaults included: shows a reload what changed. */
  readonly digests: ReadonlyMap<RuleId, string>;
  /** Hash of all texts: equal for two loads of the same. */
  readonly digest: string;
  /** What each file gave by itself, for the next load. */
  readonly compiled: ReadonlyMap<string, CompiledFile>;
}

/** What reading gave beside the files: problems of files and folders that could not be read. */
export interface ReadFailure {
  readonly problems: readonly Problem[];
  readonly unread: readonly string[];
}

/** What loads remember of the texts that they read. */
export interface TextMemory {
  texts: KnownTexts;
}

const NO_FAILURE: ReadFailure = { problems: [], unread: [] };

/**
 * Reads the rules of files and folders. Never throws: what cannot be read or understood is a problem, and a file with an error
 * gives no rule while the others load. With `previous`, files that have not changed are not compiled again, and the same set comes
 * back if none has; with the `memory` of earlier loads they are not read again either.
 */
export async function loadRules(
  paths: readonly string[],
  context: RuleContext = {},
  previous?: RuleSet,
  memory: TextMemory = { texts: new Map() },
): Promise<RuleSet> {
  const { files, problems, unread, texts } = await readRuleFiles(paths, memory.texts);
  memory.texts = texts;
  return compileRules(files, context, previous, { problems, unread });
}

/** Reads rules as `loadRules` does, as far as they lie within folders (real paths): for untrusted paths. */
export async function loadRulesWithin(
  paths: readonly string[],
  within: readonly string[],
  context: RuleContext = {},
): Promise<RuleSet> {
  const { files, problems, unread } = await readRuleFiles(paths, new Map(), within);
  return compileRules(files, context, undefined, { problems, unread });
}

/**
 * The pure middle of `loadRules`: texts in, rules out; files named `defaults.yaml` give defaults to those beside and below them.
 */
export function compileRules(
  files: readonly SourceFile[],
  context: RuleContext = {},
  previous?: RuleSet,
  failure: ReadFailure = NO_FAILURE,
): RuleSet {
  const digest = hashId(files.map(digestOf), context.receivers ?? null, context.timeIntervals ?? null, failure);
  if (previous?.digest === digest) return previous;
  const isDefaults = (file: string) => isDefaultsFile(basename(file));
  const defaults = readDefaults(
    files.filter(({ file }) => isDefaults(file)),
    failure.unread.filter(isDefaults),
  );
  const compiled = new Map<string, CompiledFile>();
  for (const source of files) {
    if (isDefaults(source.file)) continue;
    compiled.set(source.file, compileFile(source, defaults, context, previous?.compiled.get(source.file)));
  }
  return assemble([...compiled.values()], {
    digest,
    compiled,
    defaults: defaults.problems,
    failure,
    loaded: previous?.rules ?? [],
    ignores: files.flatMap(knownIgnores),
  });
}

const ignoresByText = new WeakMap<SourceFile, readonly Ignore[]>();

function knownIgnores(source: SourceFile): readonly Ignore[] {
  const known = ignoresByText.get(source) ?? ignoresOf(source);
  ignoresByText.set(source, known);
  return known;
}

/** Texts come again, and again, as the same objects. */
const digests = new WeakMap<SourceFile, string>();

function digestOf(source: SourceFile): string {
  const known = digests.get(source) ?? hashId(source);
  digests.set(source, known);
  return known;
}

interface Parts {
  readonly digest: string;
  readonly compiled: ReadonlyMap<string, CompiledFile>;
  readonly defaults: readonly Problem[];
  readonly failure: ReadFailure;
  /** The rules that were loaded before. */
  readonly loaded: readonly Rule[];
  readonly ignores: readonly Ignore[];
}

function assemble(files: readonly CompiledFile[], parts: Parts): RuleSet {
  const { digest, compiled, defaults, failure, loaded, ignores } = parts;
  const duplicates = duplicateNames(files, loaded);
  const broken = new Set(duplicates.map(({ at }) => at?.file));
  const good = files.filter(({ file }) => !broken.has(file));
  const problems = [...failure.problems, ...defaults, ...files.flatMap((one) => one.problems), ...duplicates];
  const divided = dividedBy(ignores, sorted(problems), ({ severity }) => severity !== 'error');
  const listed = files.map((one): RuleFile => {
    const ok = !broken.has(one.file) && one.rules.length > 0;
    const rules = ok ? one.rules.map(({ id }) => id) : [];
    return { file: one.file, ok, rules, ...(one.brokenBy === undefined ? {} : { brokenBy: one.brokenBy }) };
  });
  const unreadFiles = failure.unread.map((file): RuleFile => ({ file, ok: false, rules: [] }));
  return {
    rules: good.flatMap(({ rules }) => rules),
    problems: divided.kept,
    ignores,
    ignored: divided.ignored,
    files: [...listed, ...unreadFiles].sort((a, b) => compare(a.file, b.file)),
    unread: failure.unread,
    digests: new Map(good.flatMap(({ digests }) => [...digests])),
    digest,
    compiled,
  };
}

/** A duplicate name or ID is an error at the second place, in order of precedence. */
function duplicateNames(files: readonly CompiledFile[], loaded: readonly Rule[]): readonly Problem[] {
  const names = new Map<string, Position>();
  const ids = new Map<string, Position>();
  const problems: Problem[] = [];
  for (const { key, value, at, identity } of byRight(files, loaded)) {
    const first = (key === 'name' ? names.get(value) : undefined) ?? (identity ? ids.get(value) : undefined);
    if (first !== undefined) problems.push(duplicate(key, value, at, first));
    if (key === 'name' && !names.has(value)) names.set(value, at);
    if (identity && !ids.has(value)) ids.set(value, at);
  }
  return problems;
}

/**
 * What files declare: first what a rule had that was loaded from the same file, last those of files with errors, otherwise in the
 * order of the files. A copy breaks neither the rule that it was copied from nor the one that runs.
 */
function byRight(files: readonly CompiledFile[], loaded: readonly Rule[]): readonly Declared[] {
  const owners = new Set(loaded.flatMap(({ name, id, position: { file } }) => [`${file}\n${name}`, `${file}\n${id}`]));
  const rank = (file: CompiledFile, { value }: Declared) =>
    file.rules.length === 0 ? 2 : owners.has(`${file.file}\n${value}`) ? 0 : 1;
  return files
    .flatMap((file) => file.declared.map((declared) => ({ declared, rank: rank(file, declared) })))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ declared }) => declared);
}

function duplicate(key: 'name' | 'id', value: string, at: Position, first: Position): Problem {
  const message = `the ${key} "${value}" is already used by the rule at ${first.file}:${first.line}:${first.column}`;
  return { code: 'rule/duplicate-name', severity: 'error', path: key, message, hint: 'rename one of them', at };
}

/** In the order of the files; what several rules inherit and all complain of is said once. */
function sorted(problems: readonly Problem[]): readonly Problem[] {
  const key = ({ at, message }: Problem) => JSON.stringify([at?.file, at?.line, at?.column, message]);
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()].sort(
    ({ at: a }, { at: b }) =>
      compare(a?.file ?? '', b?.file ?? '') || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
