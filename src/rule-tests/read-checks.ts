import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { Path } from '../yaml/path.ts';
import { type Keys, readSnapshotForms, type TestFileReading } from './reading.ts';
import type {
  AlertExpectation,
  Expected,
  GroupPattern,
  NotificationExpectation,
  TestCheck,
  TransitionExpectation,
} from './test-file.ts';
import { readTextPattern, type TextPattern } from './text-pattern.ts';
import { readValuePattern, type ValuePattern } from './value-pattern.ts';

/** Reads the checks of a test: in order of time, after the start, each with expectations. */
export function readChecks(given: readonly Keys[], path: Path, reading: TestFileReading): readonly TestCheck[] {
  const checks = given.map((keys, index) => readCheck(keys, [...path, index], reading));
  for (const [index, check] of checks.entries()) {
    const before = checks[index - 1]?.at ?? reading.start;
    const where = [...path, index, 'at'];
    if (check.at < before && index > 0)
      reading.complaints.error('rule-test/order', where, 'checks are not in order of time', 'sort them by `at`');
    else if (check.at < before)
      reading.complaints.error('rule-test/order', where, 'this check is before the start', 'use a duration without a minus sign');
  }
  return checks;
}

type Lists = Pick<TestCheck, 'alerts' | 'health' | 'transitions' | 'notifications'>;

function readCheck(keys: Keys, path: Path, reading: TestFileReading): TestCheck {
  const exactly = keys['exactly'] === true;
  const listed = <T>(key: string, read: (one: Keys, where: Path) => T): Expected<T> | undefined => {
    const value = own(keys, key);
    if (value === undefined) return undefined;
    const items = Array.isArray(value)
      ? value.filter(isObject).map((one, index) => readItem(one, [...path, key, index], reading, read))
      : [];
    return { position: reading.document.place([...path, key], 'key'), items, exactly: exactly || items.length === 0 };
  };
  const lists = {
    alerts: listed('alerts', (one, where) => readAlert(one, where, reading)),
    health: listed('health', (one, where) => readAlert(one, where, reading)),
    transitions: listed('transitions', (one, where) => readTransition(one, where, reading)),
    notifications: listed('notifications', (one, where) => readNotification(one, where, reading)),
  };
  if (Object.values(lists).every((list) => list === undefined)) {
    reading.complaints.error(
      'rule-test/invalid',
      path,
      'this check has no expectations',
      'add alerts, notifications, transitions or health',
    );
  }
  const at = reading.time(String(keys['at']), [...path, 'at']);
  return { at, position: reading.document.place(path), ...(present(lists) as Lists) };
}

function readItem<T>(
  keys: Keys,
  path: Path,
  reading: TestFileReading,
  read: (one: Keys, where: Path) => T,
): T & { readonly not: boolean } {
  const { not, ...others } = keys;
  if (!isObject(not)) return { ...read(keys, path), not: false };
  if (Object.keys(others).length > 0) {
    reading.complaints.error(
      'rule-test/invalid',
      [...path, 'not'],
      '`not` cannot be combined with other keys',
      'move the other keys into it, or into a separate entry',
      'key',
    );
  }
  return { ...read(not, [...path, 'not']), not: true };
}

function readAlert(keys: Keys, path: Path, reading: TestFileReading): Omit<AlertExpectation, 'not'> & { readonly not: boolean } {
  const labels = isObject(keys['labels']) ? keys['labels'] : undefined;
  return {
    ...common(keys, path, reading),
    ...present({
      status: keys['status'] as AlertExpectation['status'],
      severity: textOf(keys['severity']),
      since: timeOf(keys, 'since', path, reading),
      flapping: keys['flapping'] as boolean | undefined,
      labels: labels && mapValues(labels, (value, name) => patternOf(value, [...path, 'labels', name], reading)),
      values: valuesOf(keys['values']),
    }),
  };
}

function readTransition(keys: Keys, path: Path, reading: TestFileReading): TransitionExpectation {
  return {
    ...common(keys, path, reading),
    ...present({
      at: timeOf(keys, 'at', path, reading),
      from: textOf(keys['from']),
      to: textOf(keys['to']),
      reason: textOf(keys['reason']),
      severity: textOf(keys['severity']),
      values: valuesOf(keys['values']),
    }),
  };
}

function readNotification(keys: Keys, path: Path, reading: TestFileReading): NotificationExpectation {
  const text = (key: string) => (own(keys, key) === undefined ? undefined : patternOf(own(keys, key), [...path, key], reading));
  return {
    ...common(keys, path, reading),
    ...present({
      receiver: textOf(keys['receiver']),
      channel: textOf(keys['channel']),
      at: timeOf(keys, 'at', path, reading),
      reason: textOf(keys['reason']),
      status: textOf(keys['status']),
      severity: textOf(keys['severity']),
      firing: numberOf(keys['firing']),
      resolved: numberOf(keys['resolved']),
      title: text('title'),
      text: text('text'),
      rendered: text('rendered'),
      links: text('links'),
      snapshot: readSnapshotForms(keys['snapshot']),
    }),
  };
}

function common(keys: Keys, path: Path, reading: TestFileReading) {
  const group = isObject(keys['group'])
    ? mapValues(keys['group'], (value) => (value === null ? null : String(value)))
    : undefined;
  return {
    position: reading.document.place(path),
    not: false,
    ...present({ rule: textOf(keys['rule']), group: group as GroupPattern | undefined }),
  };
}

function patternOf(value: unknown, path: Path, reading: TestFileReading): TextPattern {
  const read = readTextPattern(value);
  if (read.ok) return read.pattern;
  reading.complaints.error('rule-test/regex', path, read.message, read.hint ?? 'escape special characters with \\');
  return { kind: 'contains', text: '' };
}

function valuesOf(given: unknown): Readonly<Record<string, ValuePattern>> | undefined {
  return isObject(given) ? mapValues(given, (value) => readValuePattern(value as number | string | boolean | null)) : undefined;
}

function timeOf(keys: Keys, key: string, path: Path, reading: TestFileReading): Instant | undefined {
  const { [key]: value } = keys;
  return typeof value === 'string' ? reading.time(value, [...path, key]) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function mapValues<T>(
  given: Readonly<Record<string, unknown>>,
  map: (value: unknown, key: string) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, map(value, key)]));
}

/** Without what is undefined, as exact optional properties want it. */
function present<T extends object>(value: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
