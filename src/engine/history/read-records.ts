import type { Status } from '../../alerts/alert-state.ts';
import { isObject, type Json } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import type {
  RecordedAcknowledgement,
  RecordedChange,
  RecordedEpisode,
  RecordedMessage,
  RecordedPayload,
  RecordedRun,
} from './run-history.ts';

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
