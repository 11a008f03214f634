import { isObject } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import { headline } from '../messages/title.ts';
import { textOf } from './compare.ts';
import type { SeenAlert, SeenNotification, SeenTransition } from './observation.ts';
import { describeTextPattern, type TextPattern } from './text-pattern.ts';
import { relativeTime } from './times.ts';
import { describeValuePattern } from './value-pattern.ts';

/** An alert on one line: `stub-5xx {service.name: stub} firing, critical, since …, count: 20`. */
export function describeAlert({ ruleName, group, status, severity, since, flapping, values }: SeenAlert, start: Instant): string {
  const parts = [
    status,
    ...(status === 'inactive' ? [] : [severity]),
    ...(flapping ? ['flapping'] : []),
    ...(since === undefined ? [] : [`since ${relativeTime(since, start)}`]),
    valuesText(values),
  ];
  return `${ruleName}${groupText(group)} ${parts.filter((part) => part !== '').join(', ')}`;
}

/** A transition on one line. */
export function transitionLine(
  { ruleName, group, at, from, to, reason, severity, values }: SeenTransition,
  start: Instant,
): string {
  const parts = [reason, severity, valuesText(values)].filter((part) => part !== '');
  return `${relativeTime(at, start)} ${ruleName}${groupText(group)} ${from} => ${to} (${parts.join(', ')})`;
}

/** A notification on one line, with what it says below. */
export function describeNotification(seen: SeenNotification, start: Instant): string {
  const { message, at, channel } = seen;
  const text = textOf(seen);
  return `${relativeTime(at, start)} ${message.receiver} (${channel}), ${message.reason}, ${message.severity}: ${headline(message.title)}${text === '' ? '' : ` | ${text}`}`;
}

/** An expectation, one line for each thing it wants. */
export function describeExpectation(wanted: object, start: Instant): readonly string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    if (key === 'position' || key === 'not' || value === undefined) return [];
    if (key === 'group') return [`group: ${groupText(value).trim()}`];
    if (key === 'values') return [`values: ${mapText(value, describeValuePattern as (pattern: unknown) => string)}`];
    if (key === 'labels') return [`labels: ${mapText(value, describeTextPattern as (pattern: unknown) => string)}`];
    if ((key === 'at' || key === 'since') && typeof value === 'number') return [`${key}: ${relativeTime(value, start)}`];
    return [isObject(value) ? `${key} ${describeTextPattern(value as unknown as TextPattern)}` : `${key}: ${String(value)}`];
  });
}

/** Values on one line: `count: 7, ratio: 0.35`. */
function valuesText(values: Readonly<Record<string, unknown>>): string {
  return mapText(values, (value) =>
    typeof value === 'number' ? String(Number(value.toPrecision(12))) : value === null ? 'no value' : String(value),
  );
}

function groupText(group: Readonly<Record<string, string | null>>): string {
  const fields = Object.entries(group).map(([field, value]) => `${field}: ${value ?? 'null'}`);
  return fields.length === 0 ? '' : ` {${fields.join(', ')}}`;
}

function mapText(values: Readonly<Record<string, unknown>>, write: (value: unknown) => string): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${write(value)}`)
    .join(', ');
}
