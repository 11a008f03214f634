import { parseDuration } from '../core/duration.ts';
import { nearest } from '../core/nearest.ts';
import { isTimeZone, parseCron } from '../core/schedule.ts';
import { DAY, type Duration } from '../core/time.ts';
import { parseMatchers } from '../routing/parse-matcher.ts';
import type { Matcher, Route } from '../routing/route.ts';
import { type RouteSpec, routeTree } from '../routing/tree.ts';
import type { Path } from '../yaml/path.ts';
import { readEscalate } from './escalate.ts';
import { readReader } from './readers.ts';
import type { Report } from './report.ts';
import type { RawRoute } from './route-schema.ts';
import { checkIntervals } from './time-intervals.ts';

/** What routes may name. */
interface KnownNames {
  readonly receivers: readonly string[];
  readonly intervals: readonly string[];
  /** False where one of the intervals is broken: a name may be that one's. */
  readonly intervalsAreKnown: boolean;
}

/** Reads the routing tree and holds it against the receivers there are; undefined after a problem that leaves no tree. */
export function readRoute(raw: RawRoute | undefined, known: KnownNames, report: Report): Route | undefined {
  const [only, second] = known.receivers;
  const receiver = raw?.receiver ?? (second === undefined ? only : undefined);
  if (receiver === undefined) {
    const key = raw === undefined ? 'route' : 'receiver';
    const path = raw === undefined ? [] : ['route'];
    const hint = `the root of the tree matches every alert: route: { receiver: ${only ?? 'NAME'} }`;
    report.error('config/missing-key', path, `missing key "${key}"`, hint);
    return undefined;
  }
  if (raw?.matchers !== undefined) {
    report.error(
      'config/root-route',
      ['route', 'matchers'],
      'the root matches every alert and cannot have matchers',
      'move them into a child under `routes`',
      'key',
    );
  }
  if (raw?.continue !== undefined)
    report.error(
      'config/root-route',
      ['route', 'continue'],
      'the root has no siblings, so `continue` has no effect',
      'remove it',
      'key',
    );
  for (const key of ['mute_time_intervals', 'active_time_intervals'] as const)
    if (raw?.[key] !== undefined)
      report.error(
        'config/root-route',
        ['route', key],
        `the root matches every alert, including those of Tocsin itself, and cannot have ${key}`,
        'move it into a child under `routes`, which may be one without matchers',
        'key',
      );
  return routeTree({ ...readSpec(raw ?? {}, ['route'], known, report), receiver });
}

function readSpec(raw: RawRoute, path: Path, known: KnownNames, report: Report): RouteSpec {
  if (raw.receiver !== undefined) checkReceiver(raw.receiver, [...path, 'receiver'], known.receivers, report);
  if (known.intervalsAreKnown)
    for (const key of ['mute_time_intervals', 'active_time_intervals'] as const)
      checkIntervals(raw[key], [...path, key], known.intervals, report);
  const group = {
    groupWait: readDuration(raw.group_wait),
    groupInterval: readDuration(raw.group_interval),
    ...readRepeat(raw.repeat_interval),
  };
  const matchers = raw.matchers?.flatMap((text, index) => readMatchers(text, [...path, 'matchers', index], report));
  const routes = raw.routes?.map((child, index) => readSpec(child, [...path, 'routes', index], known, report));
  if (group.repeatInterval === 0)
    report.error(
      'config/value',
      [...path, 'repeat_interval'],
      'expected more than 0s, since this is the time between reminders',
      'for example 4h',
    );
  checkReach(raw, path, report);
  const reader = readReader(raw, path, report);
  if (group.repeatGrowth !== undefined && group.repeatGrowth.max < (group.repeatInterval ?? 0))
    report.error('config/value', [...path, 'repeat_interval', 'max'], '`max` is shorter than `first`', 'such as 1d');
  const escalate = raw.escalate && readEscalate(raw.escalate, [...path, 'escalate'], report);
  for (const [index, step] of (raw.escalate ?? []).entries())
    checkReceiver(step.receiver, [...path, 'escalate', index, 'receiver'], known.receivers, report);
  const schedule = readSchedule(raw, path, report);
  const intervals = {
    escalate,
    schedule,
    sendResolved: raw.send_resolved,
    muteTimeIntervals: raw.mute_time_intervals,
    activeTimeIntervals: raw.active_time_intervals,
  };
  return defined({
    ...group,
    ...intervals,
    receiver: raw.receiver,
    continue: raw.continue,
    groupBy: raw.group_by,
    reader,
    matchers,
    routes,
  });
}

/** Siblings after a route that matches everything are never reached. */
function checkReach(raw: RawRoute, path: Path, report: Report): void {
  const all = raw.routes?.findIndex((child) => (child.matchers ?? []).length === 0 && child.continue !== true) ?? -1;
  if (all < 0 || all === (raw.routes?.length ?? 0) - 1) return;
  const message = 'this route matches everything: the routes after it are never reached';
  report.warning(
    'config/unreached-route',
    [...path, 'routes', all],
    message,
    'add matchers or continue: true, or move it to the end',
  );
}

/** Reports an unknown receiver, with the most similar one. */
export function checkReceiver(name: string, path: Path, receivers: readonly string[], report: Report): void {
  if (receivers.includes(name)) return;
  const near = nearest(name, receivers);
  const hint = near === undefined ? `known: ${receivers.join(', ') || 'none'}` : `did you mean ${near}?`;
  report.error('config/unknown-receiver', path, `unknown receiver ${JSON.stringify(name)}`, hint);
}

/** Names of all receivers that a tree leads to. */
export function receiversOf(route: Route): readonly string[] {
  const escalated = (route.escalate ?? []).map(({ receiver }) => receiver);
  return [...new Set([route.receiver, ...escalated, ...route.routes.flatMap(receiversOf)])];
}

/** Reads the matchers of one text; what is wrong with them is reported with the character. */
export function readMatchers(text: string, path: Path, report: Report): readonly Matcher[] {
  const parsed = parseMatchers(text);
  if (parsed.ok) return parsed.matchers;
  report.error(
    'config/matcher',
    path,
    `${parsed.message} at character ${parsed.offset + 1} of ${JSON.stringify(text)}`,
    parsed.hint ?? 'for example severity="critical", or team=~"todo|shop"',
  );
  return [];
}

function readRepeat(raw: RawRoute['repeat_interval']): Pick<RouteSpec, 'repeatInterval' | 'repeatGrowth'> {
  if (raw === undefined) return {};
  if (typeof raw === 'string') return { repeatInterval: parseDuration(raw) ?? 0 };
  const { first, factor = 2, max } = raw;
  const repeatInterval = parseDuration(first) ?? 0;
  return { repeatInterval, repeatGrowth: { factor, max: readDuration(max) ?? Math.max(DAY, repeatInterval) } };
}

function readSchedule({ schedule, timezone }: RawRoute, path: Path, report: Report): RouteSpec['schedule'] {
  if (schedule === undefined || schedule === 'off') return schedule;
  const cron = parseCron(schedule, timezone ?? 'UTC');
  if (cron.ok) return cron.schedule;
  // An unknown zone is reported where it is.
  if (timezone === undefined || isTimeZone(timezone))
    report.error('config/value', [...path, 'schedule'], cron.message, 'such as 0 8,13 * * 1-5');
  return undefined;
}

function readDuration(text: string | undefined): Duration | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
