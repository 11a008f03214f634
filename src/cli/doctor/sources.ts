import { traceLogsOf } from '../../evaluation/evidence/trace-logs-of.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Source } from '../../search/query.ts';
import type { TraceLogs } from '../../search/trace-logs.ts';

/** A place that rules look at, and which rules those are. */
export interface RuleSource {
  /** Its indices as rules name them, for people. */
  readonly name: string;
  readonly source: Source;
  readonly rules: readonly Rule[];
}

/** The places that rules look at, each once; in the order of the rules. */
export function sourcesOf(rules: readonly Rule[]): readonly RuleSource[] {
  const byKey = new Map<string, RuleSource>();
  for (const rule of rules) {
    const { indices, timeField, frozen } = rule.source;
    const key = JSON.stringify([indices, timeField, frozen]);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { name: indices.join(','), source: rule.source, rules: [rule] });
    else {
      // One rule that can do without the indices does not speak for those that cannot.
      const ignoreMissingIndex = known.source.ignoreMissingIndex && rule.source.ignoreMissingIndex;
      byKey.set(key, { ...known, source: { ...known.source, ignoreMissingIndex }, rules: [...known.rules, rule] });
    }
  }
  return [...byKey.values()];
}

/** Names and patterns of this cluster's own indices; date math, exclusions and other clusters are left out. */
export function localPatterns(indices: readonly string[]): readonly string[] {
  return indices.filter((index) => !index.includes(':') && !/^[-<]/.test(index));
}

/** The patterns in which the logs of traces are looked for, of all rules together. */
export function traceLogPatterns(rules: readonly Rule[], traceLogs: TraceLogs): readonly string[] {
  return [...new Set(rules.flatMap((rule) => traceLogsOf(rule, traceLogs)?.indices ?? []))];
}

/** The rules' names for people: `a, b and 3 more`. */
export function namesOf(rules: readonly Pick<Rule, 'name'>[], most = 3): string {
  const names = rules.slice(0, most).map(({ name }) => name);
  const more = rules.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
