import type { Config } from '../config/config.ts';
import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { matches } from '../routing/matches.ts';
import type { InhibitRule, Labels, Matcher } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';
import { finding } from './finding.ts';

/** The alerts of one level of a rule: the labels that are known before it fires, and the fields that can have any value. */
interface Kind {
  readonly labels: Labels;
  readonly open: readonly string[];
}

/** The numbers of the kinds of alerts on either side of an inhibit rule. */
interface Sides {
  readonly sources: ReadonlySet<number>;
  readonly targets: ReadonlySet<number>;
}

/** Alerts of one pair of inhibit rules that are compared with each other: enough to find one pair. */
const MOST_COMPARED = 300;

/** Warns of two inhibit rules by which alerts can inhibit each other: while both fire, neither is notified. */
export function mutualInhibitions(
  { routing, inhibitPlaces }: Pick<Config, 'routing' | 'inhibitPlaces'>,
  rules: readonly Rule[],
): readonly Problem[] {
  const inhibitRules = routing.inhibitRules ?? [];
  if (inhibitRules.length < 2) return [];
  const kinds = rules.flatMap(kindsOf);
  const sides = inhibitRules.map((one): Sides => {
    const numbers = (matchers: readonly Matcher[]) => new Set(kinds.flatMap((kind, n) => (canFit(kind, matchers) ? [n] : [])));
    return { sources: numbers(one.sourceMatchers), targets: numbers(one.targetMatchers) };
  });
  return inhibitRules.flatMap((second, later) =>
    inhibitRules.slice(0, later).flatMap((first, earlier): readonly Problem[] => {
      const pair = mutual([first, second], [sides[earlier], sides[later]], kinds);
      if (pair === undefined) return [];
      const [one, other] = pair.map(({ labels }) => `${own(labels, 'alertname')} (${own(labels, 'severity')})`);
      const message = `by the inhibit rules ${first.name} and ${second.name}, ${one} and ${other} inhibit each other: while both fire, neither is notified`;
      const hint = 'exclude in `target_matchers` of one of them what is a source of the other';
      return [finding('config/mutual-inhibition', inhibitPlaces?.[later], message, hint)];
    }),
  );
}

function kindsOf({ name, labels, levels, groupBy }: Rule): readonly Kind[] {
  return levels.map(({ severity }) => ({ labels: { ...labels, alertname: name, severity }, open: groupBy }));
}

function canFit({ labels, open }: Kind, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => open.includes(matcher.label) || matches(matcher, labels));
}

/** Two kinds of alerts of which each can inhibit the other; what fits both sides of an inhibit rule does not inhibit its like. */
function mutual(
  [first, second]: readonly [InhibitRule, InhibitRule],
  [a, b]: readonly [Sides | undefined, Sides | undefined],
  kinds: readonly Kind[],
): readonly [Kind, Kind] | undefined {
  if (a === undefined || b === undefined) return undefined;
  const both = (some: ReadonlySet<number>, others: ReadonlySet<number>) =>
    [...some].filter((n) => others.has(n)).slice(0, MOST_COMPARED);
  for (const one of both(a.sources, b.targets))
    for (const other of both(b.sources, a.targets)) {
      const isAlike = (a.targets.has(one) && a.sources.has(other)) || (b.targets.has(other) && b.sources.has(one));
      const [left, right] = [kinds.at(one), kinds.at(other)];
      if (isAlike || left === undefined || right === undefined) continue;
      if ([...first.equal, ...second.equal].every((label) => canEqual(left, right, label))) return [left, right];
    }
  return undefined;
}

function canEqual(one: Kind, other: Kind, label: string): boolean {
  if (one.open.includes(label) || other.open.includes(label)) return true;
  return (own(one.labels, label) ?? '') === (own(other.labels, label) ?? '');
}
