import { parseDuration } from '../core/duration.ts';
import { own } from '../core/record.ts';
import type { Duration } from '../core/time.ts';
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
    ...timing('repeatInterval', keys['repeat_interval']),
    ...(routes !== undefined && {
      routes: listOf(routes).map((child, index) => specOf(child, [...path, 'routes', index], reading)),
    }),
  };
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
