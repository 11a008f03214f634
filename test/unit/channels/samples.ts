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
    measured: { value: '7 documents in 5m', limit: 'limit 5' },
    facts: [{ label: 'owner', value: 'todo' }],
    details: [
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
    dedupKey: 'alert-group-1',
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
