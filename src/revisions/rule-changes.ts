import { relative, sep } from 'node:path';
import type { RuleId } from '../core/ids.ts';
import { hashId } from '../core/ids.ts';
import { isObject } from '../core/json.ts';
import type { Problem } from '../core/problems.ts';
import type { RuleSet } from '../rules/load-rules.ts';
import type { Rule } from '../rules/rule.ts';
import { type KeyChange, keyChanges } from './key-changes.ts';

/** The rules of one revision, or of the working tree, by what they are known by. */
export interface RulesOfRevision {
  readonly rules: ReadonlyMap<RuleId, RuleVersion>;
  /** What has errors, and what could not be read: rules that are not known, which is not the same as gone. */
  readonly broken: { readonly ids: ReadonlySet<RuleId>; readonly files: ReadonlySet<string> };
}

/** One version of a rule. */
export interface RuleVersion {
  readonly rule: Rule;
  /** Its keys as they hold: those of its file, with all that it takes from elsewhere. */
  readonly keys: unknown;
  /** Its file, as it is named from the folder of the repository. */
  readonly file: string;
}

/**
 * The outcome of one rule. `broken`: its file has an error now; `repaired`: it had one before. `renamedFrom`: it is known by another name now, and
 * nothing else changed.
 */
export interface RuleChange {
  readonly id: RuleId;
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'removed' | 'broken' | 'repaired';
  readonly renamedFrom?: string;
  readonly before?: RuleVersion;
  readonly after?: RuleVersion;
  /** Where both versions differ; empty unless both are there. */
  readonly keys: readonly KeyChange[];
}

/** The problem with its file as it is named from a folder. */
export function nearProblem(problem: Problem, folder: string): Problem {
  return problem.at === undefined ? problem : { ...problem, at: { ...problem.at, file: nearFile(problem.at.file, folder) } };
}

function nearFile(file: string, folder: string): string {
  return relative(folder, file).split(sep).join('/');
}

/** Takes a set of rules that was loaded with `keepKeys`, its files named from `folder`. */
export function rulesOfRevision(set: RuleSet, folder: string): RulesOfRevision {
  const near = (file: string) => nearFile(file, folder);
  const compiled = [...set.compiled.values()];
  const bad = set.files.filter(({ ok }) => !ok).map(({ file }) => file);
  const keysOf = new Map(compiled.flatMap(({ keys }) => [...(keys ?? [])]));
  return {
    rules: new Map(set.rules.map((rule) => [rule.id, { rule, keys: keysOf.get(rule.id), file: near(rule.position.file) }])),
    broken: {
      ids: new Set(
        bad.flatMap((file) => set.compiled.get(file)?.declared.flatMap(({ identity, value }) => (identity ? [value] : [])) ?? []),
      ),
      files: new Set(bad.map(near)),
    },
  };
}

/**
 * What changed between two revisions, by what rules say and not by their files: a file that moves changes nothing, a `defaults.yaml` changes
 * every rule that takes from it. In the order of the names.
 */
export function ruleChanges(before: RulesOfRevision, after: RulesOfRevision): readonly RuleChange[] {
  const both = [...after.rules].flatMap(([id, version]) => changeOf(id, before, version));
  const gone = [...before.rules].flatMap(([id, version]) => (after.rules.has(id) ? [] : [withoutRule(id, version, after)]));
  const unknown = [...after.broken.ids].flatMap((id): readonly RuleChange[] =>
    before.rules.has(id) || before.broken.ids.has(id) ? [] : [{ id, name: id, kind: 'broken', keys: [] }],
  );
  return joinRenamed([...both, ...gone, ...unknown]).toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function changeOf(id: RuleId, before: RulesOfRevision, after: RuleVersion): readonly RuleChange[] {
  const { name } = after.rule;
  const old = before.rules.get(id);
  if (old === undefined) {
    const wasBroken = before.broken.ids.has(id) || before.broken.files.has(after.file);
    return [{ id, name, kind: wasBroken ? 'repaired' : 'added', after, keys: [] }];
  }
  const keys = keyChanges(old.keys, after.keys);
  return keys.length === 0 ? [] : [{ id, name, kind: 'changed', before: old, after, keys }];
}

function withoutRule(id: RuleId, before: RuleVersion, after: RulesOfRevision): RuleChange {
  const isBroken = after.broken.ids.has(id) || after.broken.files.has(before.file);
  return { id, name: before.rule.name, kind: isBroken ? 'broken' : 'removed', before, keys: [] };
}

/** A rule under another name is one that went and one that came: said as one change, where all else is equal. */
function joinRenamed(changes: readonly RuleChange[]): readonly RuleChange[] {
  const removed = new Map(
    changes.flatMap((change) => (change.kind === 'removed' ? [[withoutName(change.before?.keys), change] as const] : [])),
  );
  const taken = new Set<RuleChange>();
  const joined = changes.map((change): RuleChange => {
    const old = change.kind === 'added' ? removed.get(withoutName(change.after?.keys)) : undefined;
    if (old?.before === undefined || change.after === undefined || taken.has(old)) return change;
    taken.add(old);
    const keys = keyChanges(old.before.keys, change.after.keys);
    return { ...change, kind: 'changed', renamedFrom: old.name, before: old.before, keys };
  });
  return joined.filter((change) => !taken.has(change));
}

function withoutName(keys: unknown): string {
  const { name: _name, id: _id, ...others } = isObject(keys) ? keys : {};
  return hashId(others);
}
