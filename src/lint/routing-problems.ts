import type { Config } from '../config/config.ts';
import type { RoutePlaces } from '../config/places.ts';
import { receiversOf } from '../config/routes.ts';
import { nearest } from '../core/nearest.ts';
import type { Position, Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { severityTier } from '../core/severity.ts';
import { type KnownLabels, labelsOfRules } from '../routing/known-labels.ts';
import { matches } from '../routing/matches.ts';
import { formatMatcher } from '../routing/parse-matcher.ts';
import type { Matcher, Route } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';
import { finding } from './finding.ts';
import { unreachedRoutes } from './routes.ts';

type Routed = Pick<Config, 'routing' | 'routePlaces' | 'receiverPlaces' | 'meta' | 'receivedAlerts' | 'noiseDigest'>;

/**
 * Warns of what makes an alert go astray between rules and routes: labels and values that only one side has, and receivers without a
 * destination. `complete` says whether these are all rules there are: else only what the rules themselves say can be wrong. Where other systems send
 * alerts, these may have any labels.
 */
export function routingProblems(config: Routed, rules: readonly Rule[], complete: boolean): readonly Problem[] {
  const routes = allRoutes(config.routing.root);
  const areAll = complete && config.receivedAlerts === undefined;
  const labels = labelProblems(config, rules, areAll);
  return [
    ...labels,
    ...(complete && config.routePlaces !== undefined
      ? unreachedRoutes(config.routing.root, config.routePlaces, areAll ? rules : [], labels)
      : []),
    ...(complete ? unusedReceivers(config, rules) : []),
    ...routes.flatMap((route) => {
      const at = placesOf(config, route).receiver;
      // An inherited receiver is reported where it is written; that of the root may be the only one there is, and written nowhere.
      return at === undefined && route !== config.routing.root ? [] : emptyReceiver(config, route.receiver, at, 'route');
    }),
    ...(config.noiseDigest === undefined ? [] : emptyDigest(config, config.noiseDigest)),
    ...rules.flatMap((rule) =>
      (rule.receivers ?? []).flatMap((name) => emptyReceiver(config, name, placeOf(rule, 'receivers'), 'rule')),
    ),
  ];
}

/** The part about labels, which holds where destinations are broken too. */
export function labelProblems(config: Routed, rules: readonly Rule[], complete: boolean): readonly Problem[] {
  const routes = allRoutes(config.routing.root);
  const known = labelsOfRules(rules);
  const ofRoutes =
    complete && rules.length > 0 ? routes.flatMap((route) => routeProblems(route, placesOf(config, route), known)) : [];
  return [...ofRoutes, ...rules.flatMap((rule) => valueProblems(rule, routes, complete ? known : undefined))];
}

const NO_PLACES: RoutePlaces = { matchers: [], groupBy: [] };

function placesOf({ routePlaces }: Routed, { key }: Route): RoutePlaces {
  return routePlaces?.get(key) ?? NO_PLACES;
}

function allRoutes(route: Route): readonly Route[] {
  return [route, ...route.routes.flatMap(allRoutes)];
}

function placeOf(rule: Rule, key: string): Position {
  return own(rule.places, key) ?? rule.position;
}

function routeProblems(route: Route, places: RoutePlaces, known: KnownLabels): readonly Problem[] {
  return [
    ...route.matchers.flatMap((matcher, index) => matcherProblem(matcher, places.matchers[index], known)),
    // What a route inherits is reported where it is written.
    ...places.groupBy.flatMap((at, index) => groupByProblem(route.groupBy[index], at, known)),
  ];
}

function matcherProblem(matcher: Matcher, at: Position | undefined, known: KnownLabels): readonly Problem[] {
  const values = known.get(matcher.label);
  if (values === undefined) {
    const message = `no rule has the label "${matcher.label}", so ${formatMatcher(matcher)} ${matches(matcher, {}) ? 'always' : 'never'} matches`;
    return [finding('config/unknown-label', at, message, nearLabel(matcher.label, known))];
  }
  if (values.size === 0) return [];
  return namedValues(matcher).flatMap((value) => {
    const near = values.has(value) ? undefined : nearValue(matcher.label, value, values);
    // The well-known word is the right one, and the rule is reported.
    if (near === undefined || isRuleWrong(matcher.label, near, value)) return [];
    const message = `no rule has ${matcher.label}=${JSON.stringify(value)}`;
    return [finding('config/unknown-value', at, message, `did you mean ${JSON.stringify(near)}?`)];
  });
}

function groupByProblem(label: string | undefined, at: Position, known: KnownLabels): readonly Problem[] {
  if (label === undefined || label === '...' || known.has(label)) return [];
  const message = `no rule has the label "${label}", so it does not split the alerts into groups`;
  return [finding('config/unknown-label', at, message, nearLabel(label, known))];
}

function nearLabel(label: string, known: KnownLabels): string {
  const near = nearest(label, known.keys());
  return near === undefined ? `known are ${[...known.keys()].sort().slice(0, 20).join(', ')}` : `did you mean "${near}"?`;
}

/** Values of a rule that no route asks for, and that nearly are one that a route does ask for. */
function valueProblems(rule: Rule, routes: readonly Route[], known: KnownLabels | undefined): readonly Problem[] {
  if (rule.receivers !== undefined) return [];
  const matchers = routes.flatMap((route) => route.matchers);
  return [...labelsOfRules([rule])].flatMap(([label, values]) => {
    // Names of rules are alike on purpose.
    if (label === 'alertname') return [];
    const asked = new Set(matchers.filter((matcher) => matcher.label === label).flatMap(namedValues));
    return [...values].flatMap((value) => {
      if (asked.has(value) || isAskedFor(label, value, matchers)) return [];
      const near = nearValue(label, value, asked);
      if (near === undefined) return [];
      // Where no other rule has the route's value either, one of the two is reported: the route.
      if (known?.get(label)?.has(near) === false && !isRuleWrong(label, value, near)) return [];
      const message = `no route matches ${label}=${JSON.stringify(value)}, but one matches ${JSON.stringify(near)}`;
      const at = placeOf(rule, rule.leveled && label === 'severity' ? 'levels' : 'labels');
      return [finding('rule/label-value', at, message, `did you mean ${JSON.stringify(near)}?`)];
    });
  });
}

function isAskedFor(label: string, value: string, matchers: readonly Matcher[]): boolean {
  return matchers.some((matcher) => matcher.label === label && matcher.op === '=~' && matches(matcher, { [label]: value }));
}

/** Of a severity that only the route spells as the trade does, the rule has the misspelt one. */
function isRuleWrong(label: string, ofRule: string, ofRoute: string): boolean {
  return label === 'severity' && severityTier(ofRule) === undefined && severityTier(ofRoute) !== undefined;
}

/** The values that a matcher writes down; of an expression only plain alternatives, as in `shop|todo`. */
function namedValues({ op, value }: Matcher): readonly string[] {
  if (op === '=' || op === '!=') return value === '' ? [] : [value];
  return /^[\w.-]+(?:\|[\w.-]+)*$/.test(value) ? value.split('|') : [];
}

/** The value that was most likely intended: a misspelt one, the same in other letters, or for severities another word for the same. */
function nearValue(label: string, value: string, known: ReadonlySet<string>): string | undefined {
  const misspelt = nearest(
    value,
    [...known].filter((other) => isMisspelt(value, other)),
  );
  if (misspelt !== undefined || label !== 'severity') return misspelt;
  const tier = severityTier(value);
  return tier === undefined ? undefined : [...known].find((other) => severityTier(other) === tier && isShortOf(value, other));
}

/** `crit` and `critical`, `warn` and `warning`: one word. */
function isShortOf(value: string, other: string): boolean {
  return value.startsWith(other) || other.startsWith(value);
}

/** `team-a` and `team-b`, `eu-1` and `eu-2` are two names, and not one misspelt. */
function isMisspelt(value: string, other: string): boolean {
  if (value.toLowerCase() === other.toLowerCase()) return true;
  if (Math.min(value.length, other.length) <= 3) return false;
  const [a, b] = [value, other].map((text) => text.split(/[-_.:/\s]+/));
  const differing = (a ?? []).filter((part, index) => part !== b?.[index]);
  const sameShape = a?.length === b?.length;
  if (sameShape && differing.every((part) => part.length <= 2)) return false;
  return value.replace(/\d+/g, '') !== other.replace(/\d+/g, '');
}

/** Warns of receivers that neither a route, nor a rule, nor `meta_receiver`, nor `noise_digest` names; `rules` are all there are. */
function unusedReceivers({ routing, meta, noiseDigest, receiverPlaces }: Routed, rules: readonly Rule[]): readonly Problem[] {
  const used = new Set([
    ...receiversOf(routing.root),
    ...rules.flatMap(({ receivers, escalate }) => [...(receivers ?? []), ...(escalate ?? []).map(({ receiver }) => receiver)]),
    ...(meta === undefined ? [] : [meta]),
    ...(noiseDigest === undefined ? [] : [noiseDigest.receiver]),
  ]);
  return [...(receiverPlaces ?? [])].flatMap(([name, at]) =>
    used.has(name)
      ? []
      : [
          finding(
            'config/unused-receiver',
            at,
            `unused receiver: ${name}`,
            'use it in a route or in `receivers` of a rule, or remove it',
          ),
        ],
  );
}

/** Receivers that are there to drop alerts, by the names that Alertmanager's users give them. */
const DROPS = /^(?:null|none|nil|drop|discard|ignore|black-?hole|dev-?null|\/dev\/null)$/i;

function emptyDigest(config: Routed, { receiver }: NonNullable<Config['noiseDigest']>): readonly Problem[] {
  return emptyReceiver(config, receiver, config.receiverPlaces?.get(receiver), 'noise_digest');
}

function emptyReceiver(
  { routing }: Routed,
  name: string,
  at: Position | undefined,
  by: 'route' | 'rule' | 'noise_digest',
): readonly Problem[] {
  if (own(routing.destinations, name)?.length !== 0 || DROPS.test(name)) return [];
  const message = `the receiver "${name}" has no destination: ${by === 'noise_digest' ? 'no one receives the noise report' : `alerts of this ${by} notify no one`}`;
  return [finding('config/no-destination', at, message, 'give it slack_configs, email_configs or webhook_configs')];
}
