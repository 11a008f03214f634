import { formatMatcher } from './parse-matcher.ts';
import type { Route } from './route.ts';

/** A route as people read it: its matchers, after those of the routes above it; `everything` for the root. `path`: from the root down. */
export function routeName(path: readonly Pick<Route, 'matchers'>[]): string {
  const steps = path.slice(1).map(({ matchers }) => matchers.map(formatMatcher).join(' ') || 'everything');
  return steps.length === 0 ? 'everything' : steps.join(' / ');
}
