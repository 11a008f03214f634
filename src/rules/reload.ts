import { sep } from 'node:path';
import type { RuleId } from '../core/ids.ts';
import type { RuleFile, RuleSet } from './load-rules.ts';
import type { Rule } from './rule.ts';

/** What a reload leaves in force and what it changes, by rule id. */
export interface Reloaded {
  readonly set: RuleSet;
  /** Why the new files were not taken at all; `set` is then the previous one with the new problems. */
  readonly refused?: string;
  readonly changed: readonly RuleId[];
  readonly added: readonly RuleId[];
  readonly removed: readonly RuleId[];
}

/**
 * Puts a freshly loaded set in place of the previous one. A file that does not load, or can no longer be read, keeps the rules of
 * its last good version, unless another file now has them. A set without any rule is refused, because it is almost certainly a mistake.
 */
export function mergeReload(previous: RuleSet, next: RuleSet): Reloaded {
  if (next === previous) return { set: previous, changed: [], added: [], removed: [] };
  const set = withLastGood(previous, next);
  if (set.rules.length === 0 && previous.rules.length > 0) {
    const refused = `the new files contain no rules; the ${previous.rules.length} loaded before remain active`;
    return { set: { ...previous, problems: next.problems }, refused, changed: [], added: [], removed: [] };
  }
  const ids = set.rules.map(({ id }) => id);
  const changes = (id: RuleId) => previous.digests.has(id) && previous.digests.get(id) !== set.digests.get(id);
  return {
    set,
    changed: ids.filter(changes),
    added: ids.filter((id) => !previous.digests.has(id)),
    removed: previous.rules.map(({ id }) => id).filter((id) => !set.digests.has(id)),
  };
}

function withLastGood(previous: RuleSet, next: RuleSet): RuleSet {
  const kept = keptRules(previous, next);
  if (kept.size === 0) return next;
  const rules = [...kept.values()].flat();
  const digests = rules.map(({ id }) => [id, previous.digests.get(id) ?? ''] as const);
  const present = new Set(next.files.map(({ file }) => file));
  const ofFile = (file: string) => (kept.get(file) ?? []).map(({ id }) => id);
  const gone = [...kept.keys()].filter((file) => !present.has(file));
  return {
    ...next,
    rules: [...next.rules, ...rules],
    files: [
      ...next.files.map((file): RuleFile => (file.ok ? file : { ...file, rules: ofFile(file.file) })),
      ...gone.map((file): RuleFile => ({ file, ok: false, rules: ofFile(file) })),
    ].sort((a, b) => (a.file < b.file ? -1 : 1)),
    digests: new Map([...next.digests, ...digests]),
  };
}

/** By file, the rules of its last good version, for each file that does not load. */
function keptRules(previous: RuleSet, next: RuleSet): ReadonlyMap<string, readonly Rule[]> {
  const byId = new Map(previous.rules.map((rule) => [rule.id, rule]));
  const fresh = new Set(next.rules.flatMap(({ id, name }) => [id, name]));
  const state = new Map(next.files.map(({ file, ok }) => [file, ok]));
  const kept = new Map<string, readonly Rule[]>();
  for (const { file, rules } of previous.files) {
    if (state.get(file) === true || (!state.has(file) && !isUnread(file, next.unread))) continue;
    const last = rules.flatMap((id) => byId.get(id) ?? []).filter(({ id, name }) => !fresh.has(id) && !fresh.has(name));
    if (last.length > 0) kept.set(file, last);
  }
  return kept;
}

/** A file that was not seen because a folder above it, or it itself, could not be read. */
function isUnread(file: string, unread: readonly string[]): boolean {
  return unread.some((path) => file === path || file.startsWith(path.endsWith(sep) ? path : path + sep));
}
