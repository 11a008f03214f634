import { compareSeverities } from '../core/severity.ts';
import { DAY, type Duration, type Instant, iso, MINUTE } from '../core/time.ts';
import { truncate } from '../core/truncate.ts';
import type { Input, Reading, RuleType } from '../rule-types/rule-type.ts';
import type { HitRow } from '../search/answer.ts';
import type { Group, Query, Source } from '../search/query.ts';
import { partCheck } from '../state/read-stored.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';
import { instant, members, nullable } from '../state/shapes.ts';
import { receivedId } from './received-alerts.ts';

/** Where the built-in rule looks: no index. The search port of the service knows it by identity, and answers from the store. */
export const RECEIVED_SOURCE: Source = Object.freeze({
  indices: Object.freeze([]),
  timeField: '@timestamp',
  ignoreMissingIndex: true,
  timeout: 0,
  frozen: false,
});

/** The field of a hit that has the alert; a hit without it is of a stored alert that cannot be read. */
export const RECEIVED_FIELD = 'received';

/** Texts as a message and a page may use them; the store has them whole. Together they must fit into one document of a rule. */
const LONGEST_SUMMARY = 300;
const LONGEST_TEXT = 2_000;
const TEXTS = 4_000_000;
/** Lengths that are tried where alerts do not fit otherwise. */
const SHORTER = [LONGEST_SUMMARY, 100, 0];

/** Alerts that fire may take so much of that document, in bytes: it is refused at 32 MiB. One that begins takes twice as much until it is handed over. */
const MOST_BYTES = 20 * 1024 * 1024;
const NEW = 2;

const QUESTION = 'received';

/** So long after an outage senders have time to send again, ms: Prometheus does every minute. */
const WAIT: Duration = 3 * MINUTE;
/** What no evaluation covered for longer than this, ms, is an outage: nothing could be received, or nothing be read. */
const OUTAGE: Duration = MINUTE / 2;

/** Until when alerts that were not sent again go on, because there was an outage. */
type ReceivedMemory = { readonly wait_until: Instant } | null;

type ReceivedInput = Input<unknown, ReceivedMemory>;

const memoryProblem = partCheck(nullable(members({ wait_until: instant })));

/** Reads what other systems have sent: each alert that fires is a group, whose name are its labels. */
export const receivedType: RuleType<unknown, ReceivedMemory> = {
  name: 'received',
  description: 'Alerts sent by other systems.',
  schema: { type: 'object', properties: {} },
  memoryVersion: 1,
  memoryProblem,
  read: () => null,
  variables: () => ({}),
  absence: () => 'zero',
  ask: (input): readonly Query[] => {
    const { spec, at } = input;
    // What ended after `from` is asked for.
    const window = { from: waitUntil(input) > at ? at - DAY : at, to: at };
    return [
      {
        ...{ kind: 'hits', name: QUESTION, source: RECEIVED_SOURCE, window },
        ...{ filter: { match_all: {} }, fields: [RECEIVED_FIELD], limit: spec.maxGroups },
      },
    ];
  },
  measure: (input, answers) => {
    const { known, at } = input;
    const hits = answers.get(QUESTION)?.hits ?? [];
    const living = new Set(known.map(receivedId));
    const alerts = hits.flatMap((hit) => alertOf(hit) ?? []).filter((alert) => alert.ends_at > at || isAwaited(alert, living));
    const unread = new Set(hits.flatMap((hit) => (alertOf(hit) === undefined ? [hit.id] : [])));
    const firing = new Set(alerts.map(({ id }) => id));
    // Nothing is said of a group whose stored alert cannot be read: it stays as it is.
    const over = known.filter((group) => !firing.has(receivedId(group)) && !unread.has(receivedId(group)));
    const until = waitUntil(input);
    const memory = until > at ? { wait_until: until } : null;
    const fitting = thatFit(readingsOf(alerts, living), living);
    const waiting = alerts.length - fitting.length;
    return { kind: 'groups', readings: [...fitting, ...over.map(endOf)], memory, ...(waiting > 0 && { waiting }) };
  },
};

/** After an outage an alert may not have been sent again because no one could take it: until senders had time, it goes on. */
function waitUntil({ uncovered = 0, at, memory }: ReceivedInput): Instant {
  return uncovered >= OUTAGE ? at + WAIT : (memory?.wait_until ?? 0);
}

/** It fired, and its time has run out without its sender having said that it has ended. */
function isAwaited({ id, ends_at, received_at }: ReceivedAlert, living: ReadonlySet<string>): boolean {
  return living.has(id) && ends_at > received_at;
}

function alertOf({ fields }: HitRow): ReceivedAlert | undefined {
  return fields[RECEIVED_FIELD]?.[0] as ReceivedAlert | undefined;
}

/** What is read of an alert, and about how many bytes of the document that takes. */
interface Sized {
  readonly reading: Reading;
  readonly bytes: number;
}

function sizedOf(alerts: readonly ReceivedAlert[], longest: number): readonly Sized[] {
  return alerts.map((alert) => {
    const reading = readingOf(alert, longest);
    return { reading, bytes: sizeOf(reading) };
  });
}

function isWithin(sized: readonly Sized[]): boolean {
  return sized.reduce((sum, { bytes }) => sum + bytes, 0) <= MOST_BYTES;
}

/**
 * What is read of alerts, with texts as long as their number permits; shorter, or without them, where they would not fit into the document: an alert says
 * more than its texts. The texts of one that fires may grow with each time that it is sent.
 */
function readingsOf(alerts: readonly ReceivedAlert[], living: ReadonlySet<string>): readonly Sized[] {
  const permitted = Math.max(LONGEST_SUMMARY, Math.min(LONGEST_TEXT, Math.floor(TEXTS / Math.max(1, alerts.length))));
  let sized = sizedOf(alerts, permitted);
  for (const longest of SHORTER) {
    if (isWithin(sized)) return sized;
    sized = sizedOf(alerts, longest);
  }
  if (isWithin(sized)) return sized;
  // Not all of them fit, however short: those that fire keep what fits beside them.
  const known = alerts.filter(({ id }) => living.has(id));
  const longest = [permitted, ...SHORTER].find((one) => isWithin(sizedOf(known, one)));
  return longest === undefined ? sized : sizedOf(alerts, longest);
}

/** Says whether alerts are so big together that they would not fit into one document, however few they are. */
export function isTooMuch(alerts: readonly ReceivedAlert[]): boolean {
  return !isWithin(readingsOf(alerts, new Set()));
}

/** Those that live, and of the others as many as fit beside them, worst first: the rest is for the next evaluations, once these are handed over. */
function thatFit(sized: readonly Sized[], living: ReadonlySet<string>): readonly Reading[] {
  const isLiving = ({ reading: { group } }: Sized) => living.has(receivedId(group));
  const known = sized.filter(isLiving);
  let room = MOST_BYTES - known.reduce((sum, { bytes }) => sum + bytes, 0);
  const others = sized
    .filter((one) => !isLiving(one))
    .sort((a, b) => compareSeverities(a.reading.level ?? '', b.reading.level ?? ''));
  const fitting = others.filter(({ bytes }) => {
    room -= NEW * bytes;
    return room >= 0;
  });
  return [...known, ...fitting].map(({ reading }) => reading);
}

/** About how many bytes of the document an alert that fires takes: its labels twice, its texts, and what every alert has. */
function sizeOf({ group, values }: Reading): number {
  return 2 * Buffer.byteLength(JSON.stringify(group)) + Buffer.byteLength(JSON.stringify(values)) + 500;
}

function readingOf({ labels, annotations, generator_url, starts_at }: ReceivedAlert, longest: number): Reading {
  const { summary, description, message, runbook_url } = annotations;
  const text = description ?? message;
  return {
    group: labels,
    present: true,
    began: starts_at,
    ...(labels['severity'] !== undefined && { level: labels['severity'] }),
    values: {
      starts_at: iso(starts_at),
      ...(summary !== undefined && longest > 0 && { summary: truncate(summary, Math.min(longest, LONGEST_SUMMARY)) }),
      ...(text !== undefined && longest > 0 && { description: truncate(text, longest) }),
      // Half an address leads nowhere.
      ...(runbook_url !== undefined && runbook_url.length <= longest && { runbook_url }),
      ...(generator_url !== undefined && generator_url.length <= longest && { generator_url }),
    },
  };
}

function endOf(group: Group): Reading {
  return { group, present: false, values: {} };
}
