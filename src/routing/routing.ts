import { own } from '../core/record.ts';
import { inNameOrder } from '../core/text-order.ts';
import { matchesAll } from './matches.ts';
import { formatMatcher } from './parse-matcher.ts';
import type { Destination, Labels, Route, Routing, Target } from './route.ts';

/** A path through the tree: the nodes from the root to the notifying one, and its destinations. */
export interface RoutePath {
  readonly path: readonly Route[];
  readonly route: Route;
  readonly targets: readonly Target[];
}

/**
 * Where an alert goes, by Alertmanager's rules: depth first, the first child that fits takes it unless it says `continue`, and a node
 * none of whose children fit is meant itself. `receivers`, a rule's own, replace the tree: their route is the root's key with the root's
 * grouping. No target occurs twice.
 */
export function route(labels: Labels, routing: Routing, receivers?: readonly string[]): readonly Target[] {
  const { root } = routing;
  const found = receivers === undefined ? ways(labels, root).map((path) => path.at(-1) ?? root) : [];
  const nodes = receivers === undefined ? found : receivers.map((receiver) => ({ ...root, receiver }));
  return distinct(nodes.flatMap((node) => targetsOf(labels, node, routing)));
}

/** The paths of labels through the tree, in order; never empty, because the root matches everything. */
export function explainRoute(labels: Labels, routing: Routing): readonly RoutePath[] {
  return ways(labels, routing.root).map((path) => {
    const last = path.at(-1) ?? routing.root;
    return { path, route: last, targets: targetsOf(labels, last, routing) };
  });
}

/** The node with this key; undefined when a reload has taken it away. */
export function findRoute(routing: Routing, key: string): Route | undefined {
  const search = (node: Route): Route | undefined => {
    if (node.key === key) return node;
    for (const child of node.routes) {
      const found = search(child);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(routing.root);
}

/**
 * The labels that name an alert's alert group: those of `groupBy` that it has, keys in order. `...` takes all but the severity: an alert that gets worse is
 * the same alert, unless `severity` is named too.
 */
export function groupLabels(labels: Labels, groupBy: readonly string[]): Labels {
  const all = groupBy.includes('...');
  const kept = Object.entries(labels).filter(([name]) => (all && name !== 'severity') || groupBy.includes(name));
  return inNameOrder(kept);
}

function ways(labels: Labels, node: Route): readonly (readonly Route[])[] {
  const found: (readonly Route[])[] = [];
  for (const child of node.routes) {
    if (!matchesAll(child.matchers, labels)) continue;
    found.push(...ways(labels, child).map((path) => [node, ...path]));
    if (!child.continue) break;
  }
  return found.length === 0 ? [[node]] : found;
}

function targetsOf(labels: Labels, node: Route, routing: Routing): readonly Target[] {
  const destinations: readonly Destination[] = own(routing.destinations, node.receiver) ?? [];
  const group_labels = groupLabels(labels, node.groupBy);
  return destinations.map((to) => ({ receiver: to.receiver, destination: to.id, route: node.key, group_labels }));
}

/** Within one result the group labels follow from the route, so destination and route identify a target. */
function distinct(targets: readonly Target[]): readonly Target[] {
  const byKey = new Map(targets.map((target) => [JSON.stringify([target.destination, target.route]), target]));
  return [...byKey.values()];
}

/** A route as people read it: its matchers, after those of the routes above it; `everything` for the root. `path`: from the root down. */
export function routeName(path: readonly Pick<Route, 'matchers'>[]): string {
  const steps = path.slice(1).map(({ matchers }) => matchers.map(formatMatcher).join(' ') || 'everything');
  return steps.length === 0 ? 'everything' : steps.join(' / ');
}
