import { parseDuration } from '../core/duration.ts';
import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import { parseCron } from '../core/schedule.ts';
import { DAY, type Duration } from '../core/time.ts';
import type { Route } from '../routing/route.ts';
import { type RouteSpec, routeTree } from '../routing/tree.ts';
import type { Path } from '../yaml/path.ts';
import { type Keys, listOf, type TestFileReading, textList } from './reading.ts';

/** The receiver of tests that do not route. */
export const DEFAULT_RECEIVER = 'default';

/** Reads the routing tree of a test: as in `tocsin.yaml`, but that every receiver it names is there. */
export function readExpectedRoute(keys: Keys, path: Path, reading: TestFileReading): Route {
  for (const key of ['matchers', 'continue']) {
    if (own(keys, key) !== undefined) {
      reading.complaints.error(
        'rule-test/invalid',
        [...path, key],
        'the root of the tree matches every alert',
        'move it into `routes`',
        'key',
      );
    }
  }
  return routeTree({ receiver: DEFAULT_RECEIVER, ...specOf(keys, path, reading) });
}

function specOf(keys: Keys, path: Path, reading: TestFileReading): RouteSpec {
  const { receiver, routes, matchers, group_by: groupBy } = keys;
  return {
    ...(typeof receiver === 'string' && { receiver }),
    ...(matchers !== undefined && { matchers: reading.matchers(textList(matchers), [...path, 'matchers']) }),
    ...(typeof keys['continue'] === 'boolean' && { continue: keys['continue'] }),
    ...(groupBy !== undefined && { groupBy: textList(groupBy) }),
    ...named('muteTimeIntervals', keys['mute_time_intervals']),
    ...named('activeTimeIntervals', keys['active_time_intervals']),
    ...escalation(keys['escalate']),
    ...timing('groupWait', keys['group_wait']),
    ...timing('groupInterval', keys['group_interval']),
    ...repeat(keys['repeat_interval']),
    ...schedule(keys, path, reading),
    ...(typeof keys['send_resolved'] === 'boolean' && { sendResolved: keys['send_resolved'] }),
    ...(routes !== undefined && {
      routes: listOf(routes).map((child, index) => specOf(child, [...path, 'routes', index], reading)),
    }),
  };
}

function repeat(value: unknown): Pick<RouteSpec, 'repeatInterval' | 'repeatGrowth'> {
  if (!isObject(value)) return timing('repeatInterval', value);
  const { first, factor, max } = value;
  const repeatInterval = parseDuration(String(first)) ?? 0;
  const longest = typeof max === 'string' ? parseDuration(max) : undefined;
  return {
    repeatInterval,
    repeatGrowth: { factor: typeof factor === 'number' ? factor : 2, max: longest ?? Math.max(DAY, repeatInterval) },
  };
}

function schedule(keys: Keys, path: Path, reading: TestFileReading): Pick<RouteSpec, 'schedule'> {
  const { schedule: pattern, timezone } = keys;
  if (typeof pattern !== 'string') return {};
  if (pattern === 'off') return { schedule: 'off' };
  const cron = parseCron(pattern, typeof timezone === 'string' ? timezone : 'UTC');
  if (cron.ok) return { schedule: cron.schedule };
  reading.complaints.error('rule-test/invalid', [...path, 'schedule'], cron.message, 'such as 0 8 * * 1-5');
  return {};
}

function escalation(value: unknown): Pick<RouteSpec, 'escalate'> {
  if (value === undefined) return {};
  const steps = listOf(value).map((step) => ({
    after: parseDuration(String(step['after'])) ?? 0,
    receiver: String(step['receiver']),
  }));
  return { escalate: steps };
}

function named<K extends string>(key: K, value: unknown): Partial<Record<K, readonly string[]>> {
  return value === undefined ? {} : ({ [key]: textList(value) } as Record<K, readonly string[]>);
}

function timing<K extends string>(key: K, value: unknown): Partial<Record<K, Duration>> {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined;
  return duration === undefined ? {} : ({ [key]: duration } as Record<K, Duration>);
}
