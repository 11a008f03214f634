import { parseDuration } from '../core/duration.ts';
import { nearest } from '../core/nearest.ts';
import type { Duration } from '../core/time.ts';
import { parseMatchers } from '../routing/parse-matcher.ts';
import type { Matcher, Route } from '../routing/route.ts';
import { type RouteSpec, routeTree } from '../routing/tree.ts';
import type { Path } from '../yaml/path.ts';
import type { Report } from './report.ts';
import type { RawRoute } from './schema.ts';

/** Reads the routing tree and holds it against the receivers there are; undefined after a problem that leaves no tree. */
export function readRoute(raw: RawRoute | undefined, receivers: readonly string[], report: Report): Route | undefined {
  const [only, second] = receivers;
  const receiver = raw?.receiver ?? (second === undefined ? only : undefined);
  if (receiver === undefined) {
    const key = raw === undefined ? 'route' : 'receiver';
    const path = raw === undefined ? [] : ['route'];
    const hint = `the root of the tree takes every alert: route: { receiver: ${only ?? 'NAME'} }`;
    report.error('config/missing-key', path, `the key "${key}" is missing`, hint);
    return undefined;
  }
  if (raw?.matchers !== undefined) {
    report.error(
      'config/root-route',
      ['route', 'matchers'],
      'the root takes every alert and has no matchers',
      'move them into routes',
      'key',
    );
  }
  if (raw?.continue !== undefined)
    report.error('config/root-route', ['route', 'continue'], 'the root has no siblings to continue to', 'remove it', 'key');
  return routeTree({ ...readSpec(raw ?? {}, ['route'], receivers, report), receiver });
}

function readSpec(raw: RawRoute, path: Path, receivers: readonly string[], report: Report): RouteSpec {
  if (raw.receiver !== undefined) checkReceiver(raw.receiver, [...path, 'receiver'], receivers, report);
  const group = {
    groupWait: readDuration(raw.group_wait),
    groupInterval: readDuration(raw.group_interval),
    repeatInterval: readDuration(raw.repeat_interval),
  };
  const matchers = raw.matchers?.flatMap((text, index) => readMatchers(text, [...path, 'matchers', index], report));
  const routes = raw.routes?.map((child, index) => readSpec(child, [...path, 'routes', index], receivers, report));
  if (group.repeatInterval === 0)
    report.error(
      'config/value',
      [...path, 'repeat_interval'],
      'must be longer than 0s: it is the time between reminders',
      'for instance 4h',
    );
  checkReach(raw, path, report);
  return defined({ ...group, receiver: raw.receiver, continue: raw.continue, groupBy: raw.group_by, matchers, routes });
}

/** What stands behind a sibling that takes everything is never reached. */
function checkReach(raw: RawRoute, path: Path, report: Report): void {
  const all = raw.routes?.findIndex((child) => (child.matchers ?? []).length === 0 && child.continue !== true) ?? -1;
  if (all < 0 || all === (raw.routes?.length ?? 0) - 1) return;
  const message = 'this route takes everything: the routes after it are never reached';
  report.warning(
    'config/unreached-route',
    [...path, 'routes', all],
    message,
    'give it matchers, continue: true, or the last place',
  );
}

/** Says that a name is no receiver, with the nearest that is. */
export function checkReceiver(name: string, path: Path, receivers: readonly string[], report: Report): void {
  if (receivers.includes(name)) return;
  const near = nearest(name, receivers);
  const hint = near === undefined ? `known are ${receivers.join(', ') || 'none'}` : `did you mean ${near}?`;
  report.error('config/unknown-receiver', path, `there is no receiver ${JSON.stringify(name)}`, hint);
}

/** Names of all receivers that a tree leads to. */
export function receiversOf(route: Route): readonly string[] {
  return [...new Set([route.receiver, ...route.routes.flatMap(receiversOf)])];
}

function readMatchers(text: string, path: Path, report: Report): readonly Matcher[] {
  const parsed = parseMatchers(text);
  if (parsed.ok) return parsed.matchers;
  report.error(
    'config/matcher',
    path,
    `${parsed.message} at character ${parsed.offset + 1} of ${JSON.stringify(text)}`,
    'severity="critical", or team=~"todo|shop"',
  );
  return [];
}

function readDuration(text: string | undefined): Duration | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
