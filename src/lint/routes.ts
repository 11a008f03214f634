import type { RoutePlaces } from '../config/places.ts';
import type { Position, Problem } from '../core/problems.ts';
import { matches } from '../routing/matches.ts';
import { formatMatcher } from '../routing/parse-matcher.ts';
import type { Labels, Matcher, Route } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';
import { finding } from './finding.ts';

/** Where routes are written, by their keys. */
type Places = ReadonlyMap<string, RoutePlaces>;

/**
 * Warns of routes that no alert reaches: an earlier sibling without `continue` takes all its alerts, or no rule can have such labels
 * (`rules` must be all rules). Routes below such a route, and matchers in `reported`, are not reported again.
 */
export function unreachedRoutes(
  root: Route,
  places: Places,
  rules: readonly Rule[],
  reported: readonly Problem[],
): readonly Problem[] {
  const routed = rules.filter(({ receivers }) => receivers === undefined);
  const known = new Set(reported.flatMap(({ at }) => (at === undefined ? [] : [placeText(at)])));
  const below = (parent: Route, above: readonly Matcher[]): readonly Problem[] =>
    parent.routes.flatMap((route, index) => {
      const { matchers: written = [], receiver } = places.get(route.key) ?? {};
      if (written.some((at) => known.has(placeText(at)))) return [];
      const at = written[0] ?? receiver;
      const taker = parent.routes.slice(0, index).find((one) => takesAllOf(one, route.matchers));
      if (taker !== undefined) {
        const message = `unreachable route: the earlier route ${named(taker)} matches all its alerts`;
        return [finding('config/unreached-route', at, message, 'move this route up, or set `continue: true` in the other one')];
      }
      const all = [...above, ...route.matchers];
      if (routed.length > 0 && !asksForHealth(all) && !routed.some((rule) => canHave(rule, all))) {
        const message = `unreachable route: no rule can have ${all.map(formatMatcher).join(' ')}`;
        return [finding('config/no-rule-matches', at, message, 'remove the route, or add these labels to a rule')];
      }
      return below(route, all);
    });
  return below(root, []);
}

function placeText({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

function named({ matchers }: Route): string {
  return matchers.map(formatMatcher).join(' ');
}

/** A route without matchers is reported where the configuration is read. */
function takesAllOf(earlier: Route, asked: readonly Matcher[]): boolean {
  if (earlier.continue || earlier.matchers.length === 0) return false;
  return earlier.matchers.every((matcher) => asked.some((one) => implies(one, matcher)));
}

/** Whether every label that fits one matcher fits the other; false where it could not be found out. */
function implies(one: Matcher, other: Matcher): boolean {
  if (one.label !== other.label) return false;
  if (one.op === other.op && one.value === other.value) return true;
  const values =
    one.op === '=' ? [one.value] : one.op === '=~' && /^[\w.-]+(?:\|[\w.-]+)*$/.test(one.value) ? alternatives(one) : [];
  return values.length > 0 && values.every((value) => matches(other, { [one.label]: value }));
}

/** A dot fits any letter, so that only words without one are values. */
function alternatives({ value }: Matcher): readonly string[] {
  return value.includes('.') ? [] : value.split('|');
}

/** Whether a route is for the alerts about Tocsin's own health, which no file holds. */
export function asksForHealth(matchers: readonly Matcher[]): boolean {
  return matchers.some(
    ({ label, value }) => ['kind', 'subject'].includes(label) || (label === 'alertname' && value.includes('tocsin-')),
  );
}

/** Whether alerts of a rule can have labels that fit; fields of `group_by` can have any value. */
export function canHave(rule: Rule, matchers: readonly Matcher[]): boolean {
  const fixed = matchers.filter(({ label }) => !rule.groupBy.includes(label));
  return rule.levels.some(({ severity }) => {
    const labels: Labels = { ...rule.labels, alertname: rule.name, severity };
    return fixed.every((matcher) => matches(matcher, labels));
  });
}
