import type { RuleId } from '../../core/ids.ts';
import { RULE_CODES } from '../../rules/codes.ts';
import type { CompiledFile } from '../../rules/compile-files.ts';
import type { RuleSet } from '../../rules/load-rules.ts';

/** The files whose last content is known to this process, loaded or not. */
export type KnownFiles = ReadonlySet<string>;

/** At the start only what loads is known: what the last good version of another file had, an earlier process knew. */
export function knownAtStart({ files }: Pick<RuleSet, 'files'>): KnownFiles {
  return new Set(files.flatMap(({ file, ok }) => (ok ? [file] : [])));
}

/** Those of the set that follows: a file that loads, one that was known before, and a new one that never loaded but says which rules it has. */
export function knownAfter(known: KnownFiles, previous: RuleSet, next: RuleSet): KnownFiles {
  const before = new Set(previous.files.map(({ file }) => file));
  const isNew = (file: string) => !before.has(file) && previous.unread.length === 0 && saysItsRules(next.compiled.get(file));
  return new Set(next.files.flatMap(({ file, ok }) => (ok || known.has(file) || isNew(file) ? [file] : [])));
}

/**
 * The rules currently declared in files that do not load: a rule may have moved into one of them. With the loaded rules, among which are
 * those of the last good versions, these are all that may exist; undefined while it is not known what a file last held.
 */
export function inBrokenFiles({ files, compiled }: RuleSet, known: KnownFiles): ReadonlySet<RuleId> | undefined {
  const broken = files.filter(({ ok }) => !ok);
  if (!broken.every(({ file }) => known.has(file))) return undefined;
  return new Set(broken.flatMap(({ file }) => identitiesIn(compiled.get(file))));
}

function identitiesIn(file: CompiledFile | undefined): readonly RuleId[] {
  return (file?.declared ?? []).flatMap(({ identity, value }) => (identity ? [value] : []));
}

/** Whether nothing that is wrong with a file can hide the name of a rule in it. */
function saysItsRules(file: CompiledFile | undefined): boolean {
  const hidesNames = ({ code, path }: CompiledFile['problems'][number]) =>
    code === RULE_CODES.yaml || code === RULE_CODES['unknown-key'] || path === undefined || path === 'name' || path === 'id';
  return file !== undefined && identitiesIn(file).length > 0 && !file.problems.some(hidesNames);
}
