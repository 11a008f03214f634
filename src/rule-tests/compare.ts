import { jsonText } from '../core/json.ts';
import { groupValue } from '../core/printed.ts';
import { own } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { MessageAlert } from '../messages/message.ts';
import { headline } from '../messages/title.ts';
import type { Group } from '../search/query.ts';
import type { SeenAlert, SeenNotification, SeenTransition } from './observation.ts';
import type { AlertExpectation, GroupPattern, NotificationExpectation, TransitionExpectation } from './test-file.ts';
import { describeTextPattern, type Spend, type TextPattern, textFits } from './text-pattern.ts';
import { relativeTime } from './times.ts';
import { describeValuePattern, fitsValue, type ValuePattern } from './value-pattern.ts';

/** One way in which a thing is not what was expected: `status: expected firing, got pending`. */
export interface Difference {
  readonly key: string;
  readonly expected: string;
  readonly got: string;
}

/** What things are compared with beside the expectation: times are written from `start`, and expressions are paid for. */
export interface Looking {
  readonly start: Instant;
  readonly spend: Spend;
}

/** How an alert differs from an expectation; empty: it fits. Without a status it has to be any but inactive. */
export function compareAlert(wanted: AlertExpectation, got: SeenAlert, looking: Looking): readonly Difference[] {
  return [
    ...compareIdentity(wanted, got),
    ...(wanted.status === undefined && got.status === 'inactive'
      ? [{ key: 'status', expected: 'any but inactive', got: got.status }]
      : same('status', wanted.status, got.status)),
    ...same('severity', wanted.severity, got.severity),
    ...time('since', wanted.since, got.since, looking),
    ...same('flapping', wanted.flapping, got.flapping),
    ...Object.entries(wanted.labels ?? {}).flatMap(([name, pattern]) =>
      texts(`labels.${name}`, pattern, own(got.labels, name), looking),
    ),
    ...compareValues(wanted.values, got.values),
  ];
}

/** How a transition differs from an expectation. */
export function compareTransition(wanted: TransitionExpectation, got: SeenTransition, looking: Looking): readonly Difference[] {
  return [
    ...compareIdentity(wanted, got),
    ...time('at', wanted.at, got.at, looking),
    ...same('from', wanted.from, got.from),
    ...same('to', wanted.to, got.to),
    ...same('reason', wanted.reason, got.reason),
    ...same('severity', wanted.severity, got.severity),
    ...compareValues(wanted.values, got.values),
  ];
}

/** How a notification differs from an expectation; rule and group are those of the alert in it that differs least. */
export function compareNotification(
  wanted: NotificationExpectation,
  got: SeenNotification,
  looking: Looking,
): readonly Difference[] {
  const { message } = got;
  const ruled = message.alerts.map((alert) => compareAlertInMessage(wanted, alert)).sort((a, b) => a.length - b.length)[0];
  const links = [...message.links, ...message.alerts.flatMap((alert) => alert.links)].map(({ label, url }) => `${label}: ${url}`);
  return [
    ...same('receiver', wanted.receiver, message.receiver),
    ...same('channel', wanted.channel, got.channel),
    ...time('at', wanted.at, got.at, looking),
    ...same('reason', wanted.reason, message.reason),
    ...same('status', wanted.status, message.status),
    ...same('severity', wanted.severity, message.severity),
    ...(ruled ?? []),
    ...same('firing', wanted.firing, message.firing),
    ...same('resolved', wanted.resolved, message.resolved),
    ...texts('title', wanted.title, headline(message.title), looking),
    ...texts('text', wanted.text, textOf(got), looking),
    ...texts('rendered', wanted.rendered, got.rendered, looking),
    ...texts('links', wanted.links, links.join('\n'), looking),
  ];
}

/** What the rules themselves say in a message, one text a line. */
export function textOf({ message }: SeenNotification): string {
  return [...new Set([message.text, ...message.alerts.map((alert) => alert.text)].flatMap((text) => text ?? []))].join('\n');
}

function compareAlertInMessage(wanted: NotificationExpectation, alert: MessageAlert): readonly Difference[] {
  const ruleDiffers = wanted.rule !== undefined && wanted.rule !== alert.rule;
  return [
    ...(ruleDiffers ? [{ key: 'rule', expected: wanted.rule ?? '', got: alert.rule }] : []),
    ...compareGroup(wanted.group, alert.group, groupValue),
  ];
}

function compareIdentity(
  wanted: { readonly rule?: string; readonly group?: GroupPattern },
  got: { readonly rule: string; readonly ruleName: string; readonly group: Group },
): readonly Difference[] {
  const differs = wanted.rule !== undefined && wanted.rule !== got.rule && wanted.rule !== got.ruleName;
  return [
    ...(differs ? [{ key: 'rule', expected: wanted.rule ?? '', got: got.ruleName }] : []),
    ...compareGroup(wanted.group, got.group, (value) => value),
  ];
}

function compareGroup(
  wanted: GroupPattern | undefined,
  got: Group,
  written: (value: string | null) => string | null,
): readonly Difference[] {
  return Object.entries(wanted ?? {}).flatMap(([field, value]) => {
    const expected = written(value);
    const actual = own(got, field);
    if (actual === expected) return [];
    return [
      { key: `group.${field}`, expected: expected ?? 'null', got: actual === undefined ? 'no such field' : (actual ?? 'null') },
    ];
  });
}

function compareValues(
  wanted: Readonly<Record<string, ValuePattern>> | undefined,
  got: Readonly<Record<string, unknown>>,
): readonly Difference[] {
  return Object.entries(wanted ?? {}).flatMap(([name, pattern]) => {
    const { [name]: value } = got;
    if (fitsValue(pattern, value)) return [];
    return [
      {
        key: `values.${name}`,
        expected: describeValuePattern(pattern),
        got: value === undefined ? 'nothing measured' : value === null ? 'no value' : jsonText(value),
      },
    ];
  });
}

function same<T extends string | number | boolean>(key: string, wanted: T | undefined, got: T): readonly Difference[] {
  return wanted === undefined || wanted === got ? [] : [{ key, expected: String(wanted), got: String(got) }];
}

function time(key: string, wanted: Instant | undefined, got: Instant | undefined, looking: Looking): readonly Difference[] {
  if (wanted === undefined || wanted === got) return [];
  return [
    { key, expected: relativeTime(wanted, looking.start), got: got === undefined ? 'never' : relativeTime(got, looking.start) },
  ];
}

function texts(
  key: string,
  pattern: TextPattern | undefined,
  got: string | undefined,
  { spend }: Looking,
): readonly Difference[] {
  if (pattern === undefined) return [];
  const fit = got === undefined ? 'fits not' : textFits(pattern, got, spend);
  if (fit === 'fits') return [];
  const tooSlow = fit === 'too slow' ? ', and the expression takes too long over it: make it simpler' : '';
  return [
    { key, expected: describeTextPattern(pattern), got: got === undefined ? 'no such text' : `${JSON.stringify(got)}${tooSlow}` },
  ];
}
