import { hashId, type RuleId } from '../core/ids.ts';
import { isObject } from '../core/json.ts';
import type { Position, Problem } from '../core/problems.ts';
import type { YamlDocument } from '../yaml/document.ts';
import type { SourceFile } from '../yaml/parse.ts';
import { compileRule, type RuleContext } from './compile-rule.ts';
import { type DefaultsByFolder, defaultsFor, withDefaults } from './folder-defaults.ts';
import { parseFile } from './parse-file.ts';
import type { Rule } from './rule.ts';

/** A name or id as a file gives it, and where. */
export interface Declared {
  readonly key: 'name' | 'id';
  readonly value: string;
  readonly at: Position;
  /** Whether the rule is known by it: its id, or the name of a rule without one. */
  readonly identity: boolean;
}

/** What one file gave by itself, before it is compared with the others. */
export interface CompiledFile {
  readonly file: string;
  /** Hash of its text and of all that its rules depend on; equal digests give equal results. */
  readonly digest: string;
  /** Its rules; none if it has an error. */
  readonly rules: readonly Rule[];
  /** Hash of each rule's keys, defaults included. */
  readonly digests: ReadonlyMap<RuleId, string>;
  /** Each rule's keys, defaults included; only where they were to be kept. */
  readonly keys?: ReadonlyMap<RuleId, unknown>;
  readonly problems: readonly Problem[];
  readonly declared: readonly Declared[];
  /** The file whose defaults are broken, if that is why there are no rules. */
  readonly brokenBy?: string;
}

/** Reads and compiles one file with the defaults of its folders; what has not changed since `before` is taken from there. */
export function compileFile(
  source: SourceFile,
  defaults: DefaultsByFolder,
  context: RuleContext,
  before: CompiledFile | undefined,
): CompiledFile {
  const inherited = defaultsFor(source.file, defaults);
  const digest = hashId(source.text, inherited.digest, context.receivers ?? null, context.timeIntervals ?? null);
  if (before?.digest === digest) return before;
  const parsed = parseFile(source);
  const compiled = parsed.documents.map((document) => {
    const merged = withDefaults(document, inherited.documents);
    return { merged, ...compileRule(merged, context) };
  });
  const problems = [...parsed.problems, ...compiled.flatMap((one) => one.problems)];
  const errors = problems.filter(({ severity }) => severity === 'error');
  const brokenBy = inherited.brokenBy ?? errors.find(({ at }) => at?.file !== source.file)?.at?.file;
  const failed = brokenBy !== undefined || errors.length > 0;
  const good = failed ? [] : compiled.flatMap(({ rule, merged }) => (rule === undefined ? [] : [{ rule, merged }]));
  return {
    file: source.file,
    digest,
    rules: good.map(({ rule }) => rule),
    digests: new Map(good.map(({ rule, merged }) => [rule.id, hashId(merged.value)])),
    ...(context.keepKeys === true && { keys: new Map(good.map(({ rule, merged }) => [rule.id, merged.value])) }),
    problems,
    declared: parsed.documents.flatMap(declaredBy),
    ...(brokenBy === undefined ? {} : { brokenBy }),
  };
}

function declaredBy(document: YamlDocument): readonly Declared[] {
  const { value } = document;
  if (!isObject(value)) return [];
  return (['name', 'id'] as const).flatMap((key) => {
    const given = value[key];
    return typeof given === 'string'
      ? [{ key, value: given, at: document.place([key]), identity: key === 'id' || typeof value['id'] !== 'string' }]
      : [];
  });
}
