import type { Position } from '../core/problems.ts';
import { parseMatchers } from '../routing/parse-matcher.ts';
import type { Route } from '../routing/route.ts';
import type { Path } from '../yaml/path.ts';
import type { RawRoute } from './schema.ts';

/** Where the parts of one route are written; what a route inherits has no place. */
export interface RoutePlaces {
  /** One for each matcher of the route, in its order. */
  readonly matchers: readonly Position[];
  /** One for each label of `group_by`. */
  readonly groupBy: readonly Position[];
  readonly receiver?: Position;
}

/** The places of all routes of a tree, by the routes' keys. */
export function placesOfRoutes(
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
