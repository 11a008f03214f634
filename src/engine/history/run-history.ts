import type { Status, Transition } from '../../alerts/alert-state.ts';
import type { Finding } from '../../alerts/finding.ts';
import type { RuleId } from '../../core/ids.ts';
import { isObject, type Json } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import type { Cost } from '../../search/answer.ts';

/** One change of an alert as its run recorded it. */
export interface RecordedChange {
  readonly alert: string;
  readonly group: Readonly<Record<string, string | null>>;
  readonly kind: Transition['kind'];
  readonly from: Status;
  readonly to: Status;
  readonly reason: Transition['reason'];
  readonly severity: string;
  readonly values: Readonly<Record<string, Json>>;
  /** Not notified, because the alert flapped. */
  readonly quiet?: true;
}

/** The record of one rule's evaluation of one window, as `tocsin-runs-…` keeps it. */
export interface RecordedRun {
  readonly at: Instant;
  readonly window: TimeRange;
  readonly purpose: string;
  readonly outcome: 'evaluated' | 'failed';
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly matched: number;
  readonly ungrouped: number;
  readonly groups: number;
  readonly truncated: boolean;
  readonly findings: Readonly<Record<Finding['kind'], number>>;
  readonly changes: readonly RecordedChange[];
  /** The questions as they were sent. */
  readonly sent: readonly Json[];
  readonly cost: Cost;
}

/** One message as `tocsin-notifications` keeps it: the outcome of its last attempt. */
export interface RecordedMessage {
  /** Undefined: it was recorded by a version that did not say so. */
  readonly id: string | undefined;
  /** When it was composed. */
  readonly at: Instant;
  readonly receiver: string;
  readonly destination: string;
  readonly channel: string;
  readonly outcome: string;
  readonly reason: string;
  /** In one line, with the status in front. */
  readonly title: string;
  /** The title by its parts; undefined: it was recorded by a version that did not say them. */
  readonly parts?: { readonly text: string; readonly status: readonly string[] };
  /** Names of the rules that it was about, and the worst severity among its alerts. */
  readonly rules: readonly string[];
  /** Its alerts, as far as they were recorded. */
  readonly about: readonly string[];
  readonly severity: string;
  readonly attempt: number;
  readonly problem?: string;
}

/** One message with what was sent. */
export interface RecordedPayload {
  readonly message: RecordedMessage;
  /** JSON text; undefined: it was not kept. */
  readonly payload: string | undefined;
  /** Parts of it were too long to be kept. */
  readonly cut: boolean;
}

/** One episode of an alert as `tocsin-alerts` keeps it: its last change that receivers were to be notified of. */
export interface RecordedEpisode {
  readonly rule: string;
  readonly alert: string;
  readonly group: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: string;
  readonly start: Instant;
  /** Undefined: it was not over when it was last recorded. */
  readonly end: Instant | undefined;
}

/** One acknowledgement as `tocsin-alerts` keeps it beside the episodes: who said that they work on an alert, and when. */
export interface RecordedAcknowledgement {
  readonly at: Instant;
  readonly alert: string;
  readonly by: string;
  readonly comment: string;
}

/** Which acknowledgements are wanted: those made in `[from, to)`, of one alert if it is given. */
interface AcknowledgementsWanted {
  readonly range: TimeRange;
  readonly limit: number;
  readonly alert?: string;
}

/** Which episodes are wanted: those that fired at some time in `[from, to)`, of one rule or one alert if it is given. `skip`: so many newest ones are left out. */
interface EpisodesWanted {
  readonly range: TimeRange;
  readonly limit: number;
  readonly skip?: number;
  readonly rule?: RuleId;
  readonly alert?: string;
}

/** Which runs are wanted: those of a rule with ticks in `[from, to)`; with `alert`, only those that changed it, with `changed` any alert. */
interface RunsWanted {
  readonly rule: RuleId;
  readonly range: TimeRange;
  readonly limit: number;
  readonly skip?: number;
  readonly alert?: string;
  readonly changed?: true;
}

/** Which messages are wanted: those composed in `[from, to)`, about an alert or a rule, or for a receiver, if these are given. */
interface MessagesWanted {
  readonly skip?: number;
  readonly alert?: string;
  readonly rule?: RuleId;
  readonly receiver?: string;
  readonly range: TimeRange;
  readonly limit: number;
}

/**
 * Port to the records that history left, newest first. They are searched, so they lag behind; a record may be missing, and one that
 * cannot be read is left out: `explain` then runs the query again.
 */
export interface RunHistory {
  runs(wanted: RunsWanted): Promise<StoreAnswer<readonly RecordedRun[]>>;
  messages(wanted: MessagesWanted): Promise<StoreAnswer<readonly RecordedMessage[]>>;
  /** One message with what was sent; undefined: none has this ID. */
  payload(id: string): Promise<StoreAnswer<RecordedPayload | undefined>>;
  /** By the times at which they began. */
  episodes(wanted: EpisodesWanted): Promise<StoreAnswer<readonly RecordedEpisode[]>>;
  /** Those that were taken back are among them: someone had looked. */
  acknowledgements(wanted: AcknowledgementsWanted): Promise<StoreAnswer<readonly RecordedAcknowledgement[]>>;
}

/** Reads the body of a run's history record; undefined if it is invalid. */
export function readRecordedRun(body: unknown): RecordedRun | undefined {
  const at = timeOf(body);
  const tocsin = tocsinOf(body);
  const window = rangeOf(tocsin?.['window']);
  if (at === undefined || tocsin === undefined || window === undefined) return undefined;
  const problem = problemOf(tocsin['problem']);
  const cost = objectOf(tocsin['cost']);
  return {
    at,
    window,
    purpose: textOf(tocsin['purpose']),
    outcome: fieldOf(body, 'event.outcome') === 'failure' ? 'failed' : 'evaluated',
    ...(problem !== undefined && { problem }),
    matched: numberOf(tocsin['matched']),
    ungrouped: numberOf(tocsin['ungrouped']),
    groups: numberOf(tocsin['groups']),
    truncated: tocsin['truncated'] === true,
    findings: findingsOf(tocsin['findings']),
    changes: listOf(tocsin['changes']).flatMap(changeOf),
    sent: listOf(tocsin['sent']) as readonly Json[],
    cost: { took: numberOf(cost['took']), shards: numberOf(cost['shards']), merged: numberOf(cost['merged']) },
  };
}

/** Reads the body of a notification's history record; undefined if it is invalid. */
export function readRecordedMessage(body: unknown): RecordedMessage | undefined {
  const at = timeOf(body);
  const tocsin = tocsinOf(body);
  if (at === undefined || tocsin === undefined) return undefined;
  const problem = objectOf(tocsin['problem'])['text'];
  const id = fieldOf(body, 'event.id');
  return {
    id: typeof id === 'string' ? id : undefined,
    at,
    receiver: textOf(tocsin['receiver']),
    destination: textOf(tocsin['destination']),
    channel: textOf(tocsin['channel']),
    outcome: textOf(tocsin['outcome']),
    reason: textOf(tocsin['reason']),
    title: textOf(fieldOf(body, 'message')),
    ...partsOf(tocsin['title']),
    rules: listOf(fieldOf(body, 'rule.name')).map(textOf),
    about: listOf(tocsin['about']).map(textOf),
    severity: textOf(tocsin['severity']),
    attempt: numberOf(tocsin['attempt']),
    ...(typeof problem === 'string' && { problem }),
  };
}

function partsOf(value: unknown): Pick<RecordedMessage, 'parts'> {
  const { text, status } = objectOf(value);
  return typeof text === 'string' && text !== '' ? { parts: { text, status: listOf(status).map(textOf) } } : {};
}

/** The member of a notification's record that holds what was sent: whole in the document, and not indexed. */
export const PAYLOAD_FIELD = 'event.original';

/** Reads the body of a notification's history record with what was sent; undefined if it is invalid. */
export function readRecordedPayload(body: unknown): RecordedPayload | undefined {
  const message = readRecordedMessage(body);
  if (message === undefined) return undefined;
  const payload = fieldOf(body, PAYLOAD_FIELD);
  return { message, payload: typeof payload === 'string' ? payload : undefined, cut: tocsinOf(body)?.['cut'] === true };
}

/** Reads the body of an episode's history record; undefined if it is invalid. */
export function readRecordedEpisode(body: unknown): RecordedEpisode | undefined {
  const tocsin = tocsinOf(body);
  const start = instantOf(fieldOf(body, 'event.start'));
  if (start === undefined || typeof tocsin?.['alert'] !== 'string') return undefined;
  return {
    rule: textOf(fieldOf(body, 'rule.name')),
    alert: tocsin['alert'],
    group: objectOf(tocsin['group']) as RecordedEpisode['group'],
    labels: textsOf(tocsin['labels']),
    severity: textOf(tocsin['severity']),
    start,
    end: instantOf(fieldOf(body, 'event.end')),
  };
}

/** The `event.action` of an acknowledgement's history record. */
export const ACKNOWLEDGED_ACTION = 'alert-acknowledged';

/** Reads the body of an acknowledgement's history record; undefined if it is invalid, or the record of something else. */
export function readRecordedAcknowledgement(body: unknown): RecordedAcknowledgement | undefined {
  const tocsin = tocsinOf(body);
  const at = timeOf(body);
  if (at === undefined || typeof tocsin?.['alert'] !== 'string') return undefined;
  if (fieldOf(body, 'event.action') !== ACKNOWLEDGED_ACTION) return undefined;
  return { at, alert: tocsin['alert'], by: textOf(tocsin['by']), comment: textOf(tocsin['comment']) };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldOf(body: unknown, name: string): unknown {
  return isObject(body) ? own(body, name) : undefined;
}

function tocsinOf(body: unknown): Fields | undefined {
  const tocsin = fieldOf(body, 'tocsin');
  return isObject(tocsin) ? tocsin : undefined;
}

function timeOf(body: unknown): Instant | undefined {
  return instantOf(fieldOf(body, '@timestamp'));
}

function instantOf(value: unknown): Instant | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function rangeOf(value: unknown): TimeRange | undefined {
  const range = objectOf(value);
  const [from, to] = [instantOf(range['from']), instantOf(range['to'])];
  return from === undefined || to === undefined ? undefined : { from, to };
}

function problemOf(value: unknown): RecordedRun['problem'] {
  if (!isObject(value)) return undefined;
  return { code: textOf(value['code']), message: textOf(value['message']), hint: textOf(value['hint']) };
}

function findingsOf(value: unknown): RecordedRun['findings'] {
  const { breach, between, clear, absent, unknown } = objectOf(value);
  return {
    breach: numberOf(breach),
    between: numberOf(between),
    clear: numberOf(clear),
    absent: numberOf(absent),
    unknown: numberOf(unknown),
  };
}

function changeOf(value: unknown): readonly RecordedChange[] {
  const change = objectOf(value);
  if (typeof change['alert'] !== 'string' || typeof change['kind'] !== 'string') return [];
  // Written by this program alone; who changes it by hand sees what they wrote.
  return [
    {
      alert: change['alert'],
      group: objectOf(change['group']) as RecordedChange['group'],
      kind: change['kind'] as RecordedChange['kind'],
      from: textOf(change['from']) as Status,
      to: textOf(change['to']) as Status,
      reason: textOf(change['reason']) as RecordedChange['reason'],
      severity: textOf(change['severity']),
      values: objectOf(change['values']) as RecordedChange['values'],
      ...(change['quiet'] === true && { quiet: true }),
    },
  ];
}

function objectOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** The members that are texts. */
function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectOf(value)).flatMap(([name, one]) => (typeof one === 'string' ? [[name, one]] : [])),
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
