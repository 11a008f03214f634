import { nearest } from '../core/nearest.ts';
import { labelsOfRules } from '../routing/known-labels.ts';
import type { Labels, Route, Routing } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';

/** What is known of labels: by name the values that routes and rules write down; none for fields, whose values are in documents. */
type Known = ReadonlyMap<string, ReadonlySet<string>>;

/** Says of each label that no rule gives and no route asks for that it has no effect, and which was most likely meant. */
export function unknownLabelNotes(labels: Labels, routing: Routing, rules: readonly Rule[]): readonly string[] {
  const known = knownLabels(routing, rules);
  return Object.entries(labels).flatMap(([name, value]) => {
    const values = known.get(name);
    if (values === undefined) {
      const near = nearest(name, known.keys());
      const hint = near === undefined ? `known: ${[...known.keys()].sort().slice(0, 20).join(', ')}` : `did you mean ${near}?`;
      return [`no rule and no route has the label ${name} (${hint})`];
    }
    const near = values.has(value) || values.size === 0 ? undefined : nearest(value, values);
    return near === undefined
      ? []
      : [`no rule and no route has ${name}=${JSON.stringify(value)} (did you mean ${JSON.stringify(near)}?)`];
  });
}

function knownLabels({ root }: Routing, rules: readonly Rule[]): Known {
  const known = new Map<string, Set<string>>([...labelsOfRules(rules)].map(([name, values]) => [name, new Set(values)]));
  const add = (name: string, values: readonly string[] = []) => {
    const all = known.get(name) ?? new Set();
    for (const value of values) all.add(value);
    known.set(name, all);
  };
  const ofRoute = (route: Route): void => {
    // The values of an expression are unknown: each of its words may be one.
    for (const { label, op, value } of route.matchers) add(label, op === '=' || op === '!=' ? [value] : value.split(/[^\w.-]+/));
    for (const label of route.groupBy) if (label !== '...') add(label);
    route.routes.forEach(ofRoute);
  };
  ofRoute(root);
  return known;
}
