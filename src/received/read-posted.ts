import { isObject } from '../core/json.ts';
import { inNameOrder } from '../core/text-order.ts';
import { type Duration, type Instant, LAST_INSTANT } from '../core/time.ts';
import { truncate } from '../core/truncate.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';
import { receivedId } from './received-alerts.ts';

/** What was posted, alert by alert: those that can be taken, and what is wrong with the others, each with its place. */
export interface PostedAlerts {
  readonly alerts: readonly ReceivedAlert[];
  readonly problems: readonly string[];
}

/** When it was posted and by whom, and after what time an alert without an end has ended unless it is sent again. */
export interface PostedBy {
  readonly now: Instant;
  readonly source: string;
  readonly resolveTimeout: Duration;
}

/** Most alerts of one request. */
export const MOST_POSTED = 5_000;
const MOST_LABELS = 100;
const LONGEST_NAME = 500;
const LONGEST_LABELS = 4_096;
const MOST_ANNOTATIONS = 100;
const LONGEST_ANNOTATION = 8_192;
const LONGEST_URL = 8_192;

/** What programs written in Go send for a time that they do not know. */
const GO_ZERO = -62_135_596_800_000;
/** RFC 3339. */
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,12})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Reads the body of `POST /api/v2/alerts`; a text says why none of it can be taken. */
export function readPosted(body: unknown, by: PostedBy): PostedAlerts | string {
  if (!Array.isArray(body)) return 'expected a list of alerts: [{"labels": {"alertname": "…"}}]';
  if (body.length > MOST_POSTED) return `at most ${MOST_POSTED} alerts in one request, got ${body.length}`;
  const alerts: ReceivedAlert[] = [];
  const problems: string[] = [];
  for (const [index, one] of body.entries()) {
    const read = readAlert(one, by);
    if (typeof read === 'string') problems.push(`alert ${index + 1}: ${read}`);
    else alerts.push(read);
  }
  return { alerts, problems };
}

function readAlert(posted: unknown, { now, source, resolveTimeout }: PostedBy): ReceivedAlert | string {
  if (!isObject(posted)) return 'expected an object with labels';
  const labels = readLabels(posted['labels']);
  if (typeof labels === 'string') return labels;
  const annotations = readAnnotations(posted['annotations']);
  if (typeof annotations === 'string') return annotations;
  const times = readTimes(posted, now, resolveTimeout);
  if (typeof times === 'string') return times;
  const url = posted['generatorURL'] ?? '';
  if (typeof url !== 'string') return 'generatorURL is not a string';
  return {
    ...{ v: 1, id: receivedId(labels), labels, annotations },
    // Half an address leads nowhere.
    ...(url !== '' && url.length <= LONGEST_URL && isClean(url) && { generator_url: url }),
    ...times,
    ...{ received_at: now, source },
  };
}

function readLabels(posted: unknown): Readonly<Record<string, string>> | string {
  if (!isObject(posted)) return 'labels are missing';
  const all: (readonly [string, string])[] = [];
  let length = 0;
  for (const [name, value] of Object.entries(posted)) {
    if (name === '' || name.length > LONGEST_NAME || !isClean(name)) return `${quoted(name)} is not a valid label name`;
    if (typeof value !== 'string') return `the label ${quoted(name)} is not a string`;
    if (!isClean(value)) return `the label ${quoted(name)} is not valid Unicode`;
    length += name.length + value.length;
    // As in Alertmanager and Prometheus: an empty label counts as missing.
    if (value !== '') all.push([name, value]);
  }
  if (all.length === 0) return 'at least one label that is not empty is required';
  if (all.length > MOST_LABELS) return `at most ${MOST_LABELS} labels, got ${all.length}`;
  if (length > LONGEST_LABELS) return `its labels are longer than ${LONGEST_LABELS} characters together`;
  return inNameOrder(all);
}

/** They are for people, so that no alert is refused because of their length. */
function readAnnotations(posted: unknown): Readonly<Record<string, string>> | string {
  if (posted === undefined || posted === null) return {};
  if (!isObject(posted)) return 'annotations are not an object of strings';
  const all: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(posted)) {
    if (typeof value !== 'string') return `the annotation ${quoted(name)} is not a string`;
    if (name === '' || name.length > LONGEST_NAME || !isClean(name)) return `${quoted(name)} is not a valid annotation name`;
    if (value !== '') all.push([name, truncate(value.replace(/\p{Surrogate}/gu, '\uFFFD'), LONGEST_ANNOTATION)]);
  }
  return Object.fromEntries(all.slice(0, MOST_ANNOTATIONS));
}

type Times = Pick<ReceivedAlert, 'starts_at' | 'ends_at' | 'timeout'>;

function readTimes(posted: Readonly<Record<string, unknown>>, now: Instant, resolveTimeout: Duration): Times | string {
  const [starts, ends] = [instantOf(posted['startsAt']), instantOf(posted['endsAt'])];
  if (starts === 'invalid') return `startsAt is not a time: ${quoted(posted['startsAt'])}`;
  if (ends === 'invalid') return `endsAt is not a time: ${quoted(posted['endsAt'])}`;
  const starts_at = starts ?? Math.min(now, ends ?? now);
  if (ends === undefined) return { starts_at, ends_at: now + resolveTimeout, timeout: true };
  return ends < starts_at ? 'startsAt must not be after endsAt' : { starts_at, ends_at: ends };
}

/** Undefined: none was sent. */
function instantOf(posted: unknown): Instant | undefined | 'invalid' {
  if (posted === undefined || posted === null || posted === '') return undefined;
  const at = typeof posted === 'string' && TIME.test(posted) ? Date.parse(posted) : Number.NaN;
  if (at === GO_ZERO) return undefined;
  return Number.isNaN(at) || at < GO_ZERO || at > LAST_INSTANT ? 'invalid' : at;
}

/** No control characters, and no half of a character, for which a store refuses a whole document. */
function isClean(text: string): boolean {
  return !/[\p{Surrogate}\0]/u.test(text);
}

function quoted(value: unknown): string {
  return truncate(JSON.stringify(value) ?? 'undefined', 80);
}
