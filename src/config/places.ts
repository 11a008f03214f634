import { deepFreeze } from '../core/freeze.ts';
import { isObject } from '../core/json.ts';
import type { Position } from '../core/problems.ts';
import { parseMatchers } from '../routing/parse-matcher.ts';
import type { Route, Routing } from '../routing/route.ts';
import type { YamlDocument } from '../yaml/document.ts';
import type { Path } from '../yaml/path.ts';
import type { RawRoute } from './route-schema.ts';

/** Where the parts of one route are written; what a route inherits has no place. */
export interface RoutePlaces {
  /** One for each matcher of the route, in its order. */
  readonly matchers: readonly Position[];
  /** One for each label of `group_by`. */
  readonly groupBy: readonly Position[];
  readonly receiver?: Position;
}

/** What was read of a configuration, with where its routes, receivers, intervals and inhibit rules are written; `value`: the file before it was read. */
export function withPlaces<T extends { readonly routing?: Routing }>(config: T, value: unknown, document: YamlDocument): T {
  if (config.routing === undefined) return config;
  const { root, inhibitRules = [] } = config.routing;
  const route = isObject(value) ? (value['route'] as RawRoute | undefined) : undefined;
  return deepFreeze({
    ...config,
    ...(route !== undefined && { routePlaces: placesOfRoutes(route, root, document.place) }),
    receiverPlaces: placesOfReceivers(value, document),
    intervalPlaces: placesOfIntervals(value, document),
    inhibitPlaces: inhibitRules.map((_, index) => document.place(['inhibit_rules', index])),
  });
}

/** Where the parts of each time interval are written, by its name. */
function placesOfIntervals(value: unknown, document: YamlDocument): ReadonlyMap<string, readonly Position[]> {
  const intervals = isObject(value) && Array.isArray(value['time_intervals']) ? value['time_intervals'] : [];
  return new Map(
    intervals.flatMap((interval: unknown, index) => {
      const [name, parts] = isObject(interval) ? [interval['name'], interval['time_intervals']] : [];
      if (typeof name !== 'string' || !Array.isArray(parts)) return [];
      return [[name, parts.map((_, part) => document.place(['time_intervals', index, 'time_intervals', part]))] as const];
    }),
  );
}

function placesOfReceivers(value: unknown, document: YamlDocument): ReadonlyMap<string, Position> {
  const receivers = isObject(value) && Array.isArray(value['receivers']) ? value['receivers'] : [];
  return new Map(
    receivers.flatMap((receiver: unknown, index) => {
      const name = isObject(receiver) ? receiver['name'] : undefined;
      return typeof name === 'string' ? [[name, document.place(['receivers', index])] as const] : [];
    }),
  );
}

/** The places of all routes of a tree, by the routes' keys. */
function placesOfRoutes(
  raw: RawRoute,
  route: Route,
  place: (path: Path) => Position,
  path: Path = ['route'],
): ReadonlyMap<string, RoutePlaces> {
  // One text may hold several matchers.
  const matchers = (raw.matchers ?? []).flatMap((text, index) => {
    const parsed = parseMatchers(text);
    return parsed.ok ? parsed.matchers.map(() => place([...path, 'matchers', index])) : [];
  });
  const own: RoutePlaces = {
    matchers,
    groupBy: (raw.group_by ?? []).map((_, index) => place([...path, 'group_by', index])),
    ...(raw.receiver !== undefined && { receiver: place([...path, 'receiver']) }),
  };
  const below = route.routes.flatMap((child, index) => {
    const given = raw.routes?.[index];
    return given === undefined ? [] : [...placesOfRoutes(given, child, place, [...path, 'routes', index])];
  });
  return new Map([[route.key, own], ...below]);
}
