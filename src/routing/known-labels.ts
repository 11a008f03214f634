import type { Labels } from './route.ts';

/** What a rule says of the labels of its alerts. */
export interface LabelledRule {
  readonly name: string;
  readonly labels: Labels;
  readonly levels: readonly { readonly severity: string }[];
  readonly groupBy: readonly string[];
}

/** By name the values that rules write down; none for fields, whose values are in documents. */
export type KnownLabels = ReadonlyMap<string, ReadonlySet<string>>;

/** The labels that the alerts of a rule have, with the values that the rule writes down. */
function labelsOfRule(rule: LabelledRule): readonly (readonly [name: string, values: readonly string[]])[] {
  return [
    ['alertname', [rule.name]],
    ...Object.entries(rule.labels)
      // Levels give each alert a severity of its own.
      .filter(([name]) => name !== 'severity')
      .map(([name, value]) => [name, [value]] as const),
    ['severity', rule.levels.map(({ severity }) => severity)],
    ...rule.groupBy.map((field) => [field, []] as const),
  ];
}

/** The labels that alerts of these rules have. */
export function labelsOfRules(rules: readonly LabelledRule[]): KnownLabels {
  const known = new Map<string, Set<string>>([
    ['alertname', new Set()],
    ['severity', new Set()],
  ]);
  for (const rule of rules)
    for (const [name, values] of labelsOfRule(rule)) known.set(name, new Set([...(known.get(name) ?? []), ...values]));
  return known;
}
