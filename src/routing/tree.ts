import { formatMatcher } from './parse-matcher.ts';
import type { Matcher, Route } from './route.ts';
import type { UsedIntervals } from './time-intervals.ts';

/** A node of the routing tree as it is written: what is absent is inherited from the parent. */
export interface RouteSpec extends Partial<RouteSettings>, UsedIntervals {
  readonly receiver?: string;
  readonly matchers?: readonly Matcher[];
  readonly continue?: boolean;
  readonly routes?: readonly RouteSpec[];
}

/** What a child inherits besides the receiver; durations in ms. */
type RouteSettings = Pick<
  Route,
  | 'groupBy'
  | 'groupWait'
  | 'groupInterval'
  | 'repeatInterval'
  | 'reader'
  | 'escalate'
  | 'repeatGrowth'
  | 'schedule'
  | 'sendResolved'
>;

/** What the root uses where it says nothing. */
const ROOT_DEFAULTS: RouteSettings = {
  groupBy: ['alertname'],
  groupWait: 0,
  groupInterval: 5 * 60_000,
  repeatInterval: 4 * 3_600_000,
};

/** Fills in what children inherit and names every node by its path of matchers. The root takes everything: its matchers are ignored. */
export function routeTree(root: RouteSpec & { readonly receiver: string }): Route {
  const { matchers: _matchers, continue: _continue, ...rest } = root;
  return settle(rest, '{}', { ...ROOT_DEFAULTS, receiver: root.receiver });
}

function settle(spec: RouteSpec, key: string, inherited: RouteSettings & { readonly receiver: string }): Route {
  const own = {
    receiver: spec.receiver ?? inherited.receiver,
    groupBy: spec.groupBy ?? inherited.groupBy,
    groupWait: spec.groupWait ?? inherited.groupWait,
    groupInterval: spec.groupInterval ?? inherited.groupInterval,
    repeatInterval: spec.repeatInterval ?? inherited.repeatInterval,
    ...optional('schedule', spec.schedule ?? inherited.schedule),
    ...optional('sendResolved', spec.sendResolved ?? inherited.sendResolved),
    // A plain interval does not grow, whatever it would inherit.
    ...optional('repeatGrowth', spec.repeatInterval === undefined ? inherited.repeatGrowth : spec.repeatGrowth),
    ...((spec.escalate ?? inherited.escalate) !== undefined && { escalate: spec.escalate ?? inherited.escalate }),
    ...((spec.reader ?? inherited.reader) !== undefined && { reader: { ...inherited.reader, ...spec.reader } }),
  };
  const taken = new Map<string, number>();
  const routes = (spec.routes ?? []).map((child) => {
    const path = `${key}/${matchersKey(child.matchers ?? [])}`;
    const earlier = taken.get(path) ?? 0;
    taken.set(path, earlier + 1);
    return settle(child, earlier === 0 ? path : `${path}#${earlier + 1}`, own);
  });
  const { muteTimeIntervals, activeTimeIntervals } = spec;
  const intervals = { ...(muteTimeIntervals && { muteTimeIntervals }), ...(activeTimeIntervals && { activeTimeIntervals }) };
  return { key, ...own, ...intervals, matchers: spec.matchers ?? [], continue: spec.continue ?? false, routes };
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** `{severity="critical",team="todo"}`: in order, so that sorting the matchers of a file moves no alert group. */
function matchersKey(matchers: readonly Matcher[]): string {
  return `{${[...new Set(matchers.map(formatMatcher))].sort().join(',')}}`;
}
