import { type Static, Type } from 'typebox';
import type { InhibitRule, Matcher } from '../routing/route.ts';
import type { Path } from '../yaml/path.ts';
import type { Report } from './report.ts';
import { readMatchers } from './routes.ts';

const matcherList = (description: string) =>
  Type.Array(Type.String({ minLength: 1, description: 'A matcher.', examples: ['severity="critical"'] }), {
    minItems: 1,
    description,
  });

/** Schema of one of `inhibit_rules`. */
export const INHIBIT_RULE_SCHEMA = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Name shown to users; default: the position in the list, such as `#2`.',
      }),
    ),
    source_matchers: matcherList('Matchers for the labels of the alerts that inhibit; all must match.'),
    target_matchers: matcherList('Matchers for the labels of the alerts that are not notified meanwhile; all must match.'),
    equal: Type.Optional(
      Type.Array(Type.String({ minLength: 1, description: 'A label.' }), {
        uniqueItems: true,
        description: 'Labels that must have the same value on both alerts; a label that both lack counts as equal.',
      }),
    ),
  },
  { additionalProperties: false, description: 'While a source alert fires, target alerts are not notified.' },
);

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
