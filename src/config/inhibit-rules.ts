import type { Static } from 'typebox';
import type { InhibitRule, Matcher } from '../routing/route.ts';
import type { Path } from '../yaml/path.ts';
import type { INHIBIT_RULE_SCHEMA } from './inhibit-schema.ts';
import type { Report } from './report.ts';
import { readMatchers } from './routes.ts';

/** Reads the inhibit rules of a configuration that its schema has passed. */
export function readInhibitRules(
  raw: readonly Static<typeof INHIBIT_RULE_SCHEMA>[] | undefined,
  report: Report,
): readonly InhibitRule[] {
  const names = new Set<string>();
  return (raw ?? []).map((one, index) => {
    const path: Path = ['inhibit_rules', index];
    const name = one.name ?? `#${index + 1}`;
    if (names.has(name))
      report.error(
        'config/value',
        [...path, 'name'],
        `another inhibit rule is named ${JSON.stringify(name)}`,
        'use a unique name',
      );
    names.add(name);
    const read = (key: 'source_matchers' | 'target_matchers'): readonly Matcher[] =>
      one[key].flatMap((text, at) => readMatchers(text, [...path, key, at], report));
    return { name, sourceMatchers: read('source_matchers'), targetMatchers: read('target_matchers'), equal: one.equal ?? [] };
  });
}
