import type { Message, MessageAlert, Title } from '../../../src/messages/message.ts';
import { titled } from '../../../src/messages/title.ts';

/** 2026-01-01T10:05:00Z, when the samples' first message was frozen. */
export const AT = Date.UTC(2026, 0, 1, 10, 5);

/** The title of a message about one firing alert. */
export function firingTitle(text: string): Title {
  return titled([{ status: 'firing', count: 1 }], text);
}

/** A firing alert of the shop's `stub` service, with everything an alert can have. */
export function sampleAlert(change: Partial<MessageAlert> = {}): MessageAlert {
  return {
    id: 'alert-1',
    episode: 'episode-1',
    rule: 'stub-5xx',
    status: 'firing',
    change: 'firing',
    severity: 'critical',
    title: 'stub fails on /todos/',
    text: '7 server errors in 5m',
    group: { 'service.name': 'stub', 'url.path': '/todos/' },
    labels: { alertname: 'stub-5xx', severity: 'critical', team: 'todo', 'service.name': 'stub', 'url.path': '/todos/' },
    values: { count: 7 },
    facts: [
      { label: 'count', value: '7' },
      { label: 'condition', value: 'count >= 5' },
      { label: 'window', value: '5m until 2026-01-01T10:04:30.000Z' },
      { label: 'since', value: '2026-01-01T10:05:00.000Z' },
    ],
    evidence: {
      documents: [
        {
          at: AT - 35_000,
          fields: { message: 'GET /todos/ 503 upstream <db> did not answer', 'http.response.status_code': '503' },
        },
        { at: AT - 62_000, fields: { message: 'GET /todos/ 500 TypeError: x is undefined', 'http.response.status_code': '500' } },
      ],
      top: [
        {
          field: 'error.type',
          values: [
            { value: 'TypeError', count: 5 },
            { value: 'Timeout', count: 2 },
          ],
        },
      ],
      traceIds: ['4bf92f3577b34da6a3ce929d0e0e4736'],
      logs: [
        {
          at: AT - 62_000,
          level: 'warn',
          service: 'stub',
          text: 'pool exhausted: 20 of 20 connections <busy>',
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
          count: 1,
        },
        {
          at: AT - 61_800,
          level: 'ERROR',
          service: 'stub',
          text: 'TypeError: x is undefined\n    at list (/app/todos.js:12:7)\n    at next (/app/router.js:88:3)',
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
          count: 3,
        },
      ],
    },
    links: [
      { label: 'Runbook', url: 'https://runbooks.example.com/stub-5xx' },
      { label: 'Discover', url: "https://kibana.example.com/app/discover#/?_g=(time:(from:'2026-01-01'))&_a=(query:'a|b')" },
    ],
    startedAt: AT,
    window: { from: AT - 330_000, to: AT - 30_000 },
    late: false,
    ...change,
  };
}

/** A message about one firing alert. */
export function sampleMessage(change: Partial<Message> = {}): Message {
  return {
    id: 'message-1',
    alertGroup: 'alert-group-1',
    incident: 'incident-1',
    receiver: 'team-todo',
    title: titled([{ status: 'firing', count: 1 }], 'stub fails on /todos/'),
    status: 'firing',
    severity: 'critical',
    reason: 'first',
    firing: 1,
    resolved: 0,
    alerts: [sampleAlert()],
    more: 0,
    groupLabels: { alertname: 'stub-5xx' },
    links: [],
    notes: [],
    at: AT,
    ...change,
  };
}

const later = {
  id: 'alert-2',
  episode: 'episode-2',
  title: 'stub fails on /cart',
  group: { 'service.name': 'stub', 'url.path': '/cart' },
};
const ended = { status: 'resolved', change: 'resolved', endedAt: AT + 720_000 } as const;
/** As a message about an end is: without the text about the problem, and with what is measured now. */
const { text: _text, evidence: _evidence, ...plainAlert } = sampleAlert();
const over = (change: Partial<MessageAlert> = {}): MessageAlert => ({
  ...plainAlert,
  ...ended,
  values: { count: 0 },
  facts: [
    { label: 'count', value: '0 (7 when it fired)' },
    ...plainAlert.facts.slice(1).map((fact) => (fact.label === 'since' ? { ...fact, label: 'fired at' } : fact)),
  ],
  ending: 'recovered, now count 0',
  ...change,
});

const event = {
  status: 'event',
  change: 'event',
  severity: 'info',
  rule: 'stub-login',
  title: 'root logged in',
  text: 'Logged in as root.',
  group: { 'user.name': 'root' },
  facts: [
    { label: 'events', value: '4' },
    { label: 'late', value: '1' },
    { label: 'window', value: '5m until 2026-01-01 10:04:30 UTC' },
  ],
  endedAt: AT,
} as const;

const once = { values: { events: 1 }, facts: [{ label: 'events', value: '1' }] };

const FLAPPING = { since: AT - 21 * 60_000, episodes: 4, steady: 20 * 60_000 };
const flappingFacts = (episodes: number) => [
  ...sampleAlert().facts,
  { label: 'episodes', value: `${episodes} since 2026-01-01 09:44:00 UTC` },
];

/** One message of each kind that people get, by what happened. */
export const SAMPLES: Readonly<Record<string, Message>> = {
  firing: sampleMessage(),
  'more alerts': sampleMessage({
    id: 'message-2',
    title: titled(
      [
        { status: 'firing', count: 2 },
        { status: 'resolved', count: 1 },
      ],
      'stub-5xx',
    ),
    reason: 'more_alerts',
    firing: 2,
    resolved: 1,
    alerts: [
      sampleAlert({ ...later, startedAt: AT + 120_000 }),
      sampleAlert({ change: 'still' }),
      over({ ...later, id: 'alert-3', severity: 'warning', title: 'stub fails on /login' }),
    ],
    more: 3,
    at: AT + 300_000,
  }),
  worse: sampleMessage({ id: 'message-3', reason: 'worse', alerts: [sampleAlert({ change: 'worse' })], at: AT + 60_000 }),
  reminder: sampleMessage({
    id: 'message-4',
    title: titled([{ status: 'firing', count: 1, remarks: ['still'] }], 'stub fails on /todos/'),
    reason: 'reminder',
    alerts: [sampleAlert({ change: 'still' })],
    at: AT + 4 * 3_600_000,
  }),
  resolved: sampleMessage({
    id: 'message-5',
    title: titled([{ status: 'resolved', count: 1 }], 'stub fails on /todos/'),
    status: 'resolved',
    reason: 'resolved',
    firing: 0,
    resolved: 1,
    alerts: [over()],
    at: AT + 730_000,
  }),
  'handed over': sampleMessage({
    id: 'message-12',
    title: titled([{ status: 'moved', count: 1 }], 'stub fails on /todos/'),
    status: 'moved',
    reason: 'moved',
    firing: 0,
    alerts: [{ ...plainAlert, text: '70 server errors in 5m', status: 'moved', change: 'moved', movedTo: ['oncall'] }],
    at: AT + 60_000,
  }),
  'fired and resolved': sampleMessage({
    id: 'message-6',
    title: titled([{ status: 'ended', count: 1 }], 'stub fails on /todos/'),
    status: 'resolved',
    severity: 'warning',
    reason: 'resolved',
    firing: 0,
    resolved: 1,
    alerts: [
      sampleAlert({ ...ended, status: 'ended', severity: 'warning', late: true, text: 'When it fired: 7 server errors in 5m' }),
    ],
    notes: ['One alert was evaluated late, while catching up on windows that were missed.'],
    at: AT + 730_000,
  }),
  flapping: sampleMessage({
    id: 'message-8',
    title: titled([{ status: 'firing', count: 1, remarks: ['flapping'] }], 'stub fails on /todos/'),
    reason: 'flapping',
    alerts: [sampleAlert({ change: 'flapping', flapping: FLAPPING, facts: flappingFacts(4) })],
  }),
  'flapping among others': sampleMessage({
    id: 'message-9',
    title: titled([{ status: 'firing', count: 3 }], 'stub-5xx'),
    reason: 'more_alerts',
    firing: 3,
    alerts: [
      sampleAlert({ ...later, startedAt: AT + 120_000 }),
      sampleAlert({ change: 'still', flapping: FLAPPING, facts: flappingFacts(4) }),
      sampleAlert({ ...later, id: 'alert-3', change: 'steady', title: 'stub fails on /login', flapping: FLAPPING }),
    ],
    at: AT + 300_000,
  }),
  steady: sampleMessage({
    id: 'message-10',
    title: titled([{ status: 'firing', count: 1 }], 'stub fails on /todos/'),
    reason: 'steady',
    alerts: [sampleAlert({ change: 'steady', flapping: { ...FLAPPING, episodes: 9 }, facts: flappingFacts(9) })],
    at: AT + 3_600_000,
  }),
  'steady and over': sampleMessage({
    id: 'message-11',
    title: titled([{ status: 'resolved', count: 1 }], 'stub fails on /todos/'),
    status: 'resolved',
    reason: 'resolved',
    firing: 0,
    resolved: 1,
    alerts: [over({ flapping: { ...FLAPPING, episodes: 9 }, facts: flappingFacts(9) })],
    at: AT + 1_920_000,
  }),
  events: sampleMessage({
    id: 'message-7',
    title: titled([{ status: 'event', count: 5 }], 'stub-login'),
    status: 'event',
    severity: 'info',
    reason: 'event',
    firing: 0,
    alerts: [
      sampleAlert({ ...event, values: { events: 4, late: 1, suppressed: 0, left_out: 0 } }),
      sampleAlert({ ...event, id: 'alert-2', title: 'eve logged in', group: { 'user.name': 'eve' }, ...once }),
    ],
  }),
};
