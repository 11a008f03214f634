import type { ReaderSettings } from '../../../src/core/locale.ts';
import { KNOWN_HEALTH_RULE } from '../../../src/engine/self-monitoring/health-rule.ts';
import { directMessage } from '../../../src/messages/direct-message.ts';
import { STORE_AWAY } from '../../../src/messages/direct-texts.ts';
import type { KnownRule } from '../../../src/messages/known-rule.ts';
import type { Message } from '../../../src/messages/message.ts';
import { messageOf } from '../../../src/messages/message-of.ts';
import { testMessage } from '../../../src/messages/test-message.ts';
import type { QueuedEntry } from '../../../src/notify/alert-group.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { alertGroup, inflightOf, notifiedAs, queuedEntry } from '../engine/notified.ts';
import { NOISE_REPORTS } from './noise.ts';

/** When the incident begins. */
const BEGIN = Date.UTC(2026, 0, 1, 10, 5);
const MINUTE = 60_000;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

/** The rule of the incident: answers of a service that are errors, by path. */
const RULE: KnownRule = {
  name: 'stub-5xx',
  description: 'The stub service answers with server errors.',
  message: {
    title: template("{{ group['service.name'] }} fails on {{ group['url.path'] }}"),
    text: template('{{ count }} server errors in {{ window }}.'),
    runbook: template('https://runbooks.example.com/stub-5xx'),
  },
  measures: { count: { label: 'documents', counts: true } },
  source: { indices: ['traces-apm*'], timeField: '@timestamp' },
  query: { language: 'kql', text: 'http.response.status_code >= 500' },
};

/** A rule whose alerts are events. */
const LOGINS: KnownRule = {
  name: 'root-login',
  message: { title: template("{{ group['user.name'] }} logged in") },
  source: { indices: ['logs-*'], timeField: '@timestamp' },
  query: { language: 'kql', text: 'event.action:login' },
};

/** A rule about hosts that fall silent. */
const SILENT: KnownRule = {
  name: 'host-silent',
  description: 'A host has stopped sending metrics.',
  message: {},
  source: { indices: ['metrics-*'], timeField: '@timestamp' },
  query: { language: 'kql', text: '' },
};

/** A rule about a part of a whole, with a text of its own. */
const MEMORY: KnownRule = {
  name: 'container-memory-near-limit',
  description: 'A container is near its memory limit.',
  message: {
    text: template(
      '**Requests in progress are lost** when it is killed.\n- raise the limit, or\n- find what leaks: {{ mention.oncall }} knows how',
    ),
    links: [{ label: 'Dashboard', url: template("https://kibana.example.com/app/pods?pod={{ group['kubernetes.pod.name'] }}") }],
  },
  measures: { used: { unit: 'bytes' }, limit: { unit: 'bytes' } },
  source: { indices: ['metrics-kubernetes.*'], timeField: '@timestamp' },
  query: { language: 'kql', text: '' },
};

const RULES: Readonly<Record<string, KnownRule>> = {
  'stub-5xx': RULE,
  'root-login': LOGINS,
  'host-silent': SILENT,
  'container-memory-near-limit': MEMORY,
  TocsinHealth: KNOWN_HEALTH_RULE,
};

const EVIDENCE: NonNullable<QueuedEntry['evidence']> = {
  documents: [
    {
      at: BEGIN - 35_000,
      fields: { message: 'GET /todos/ 503 upstream <db> did not answer', 'http.response.status_code': '503' },
    },
    { at: BEGIN - 62_000, fields: { message: 'GET /todos/ 500 TypeError: x is undefined', 'http.response.status_code': '500' } },
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
  trace_ids: [TRACE],
  logs: {
    indices: ['logs-*'],
    fields: ['trace.id'],
    from: BEGIN - 6 * MINUTE,
    to: BEGIN,
    lines: [
      {
        at: BEGIN - 62_000,
        level: 'warn',
        service: 'stub',
        text: 'pool exhausted: 20 of 20 connections <busy>',
        trace_id: TRACE,
      },
      {
        at: BEGIN - 61_800,
        level: 'ERROR',
        service: 'stub',
        text: 'TypeError: x is undefined\n    at list (/app/todos.js:12:7)\n    at next (/app/router.js:88:3)',
        trace_id: TRACE,
        count: 3,
      },
    ],
  },
};

/** Readers of whom a receiver knows something. */
const BERLIN: ReaderSettings = { timezone: 'Europe/Berlin', locale: 'de-DE', mentions: { oncall: 'S0614TZR7' } };

const FLAPPING = {
  since: BEGIN - 21 * MINUTE,
  episodes: 4,
  within: 60 * MINUTE,
  steady: 20 * MINUTE,
  changed: BEGIN + 12 * MINUTE,
};

function template(text: string) {
  const compiled = compileTemplate(text, ['count', 'group', 'window', 'mention']);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.template;
}

/** What the rule says of one path, `minutes` after the beginning. */
function entry(minutes: number, path: string, given: Partial<QueuedEntry> = {}): QueuedEntry {
  const at = BEGIN + minutes * MINUTE;
  return queuedEntry(minutes + 1, {
    source: 'stub-5xx#1',
    rule: 'stub-5xx',
    alert: `alert ${path}`,
    episode: `episode ${path}`,
    at,
    started: at,
    group: { 'service.name': 'stub', 'url.path': path },
    labels: { alertname: 'stub-5xx', severity: 'critical', team: 'todo', 'service.name': 'stub', 'url.path': path },
    level: 'critical',
    window: { from: at - 330_000, to: at - 30_000 },
    queued_at: at,
    ...given,
  });
}

const fires = entry(0, '/todos/', { evidence: EVIDENCE });
const later = (minutes: number, given: Partial<QueuedEntry>) => entry(minutes, '/todos/', { started: BEGIN, ...given });
const end = (reason: string, given: Partial<QueuedEntry> = {}) =>
  later(12, { kind: 'resolved', reason, values: reason === 'recovered' ? { count: 0 } : {}, ...given });
/** A copy for a receiver that `primary` had in front of it, of an alert that it was notified of at the beginning. */
const escalated = (path: string, before: readonly string[]) =>
  entry(30, path, {
    ...{ started: BEGIN, reason: 'escalated' },
    escalated: { from: 'primary', source: 'stub-5xx#1', n: 1, after: 30 * MINUTE, notified_at: BEGIN, before },
  });
const event = (path: string, events: number) =>
  entry(0, path, {
    source: 'root-login#1',
    rule: 'root-login',
    reason: 'event',
    level: 'info',
    group: { 'user.name': path },
    labels: { alertname: 'root-login', severity: 'info', 'user.name': path },
    values: { events, left_out: 0 },
    condition: '',
  });
const MiB = 1_024 ** 2;
const memory = (pod: string, used: number, given: Partial<QueuedEntry> = {}) =>
  entry(0, pod, {
    ...{ rule: 'container-memory-near-limit', source: 'container-memory-near-limit#1', condition: 'used / limit > 0.95' },
    values: { used: used * MiB, limit: 256 * MiB },
    group: { 'kubernetes.namespace': 'shop', 'kubernetes.pod.name': pod },
    labels: { alertname: 'container-memory-near-limit', severity: 'critical', team: 'shop', 'kubernetes.pod.name': pod },
    ...given,
  });
const outage = {
  source: 'metrics-system.*',
  since: BEGIN - 2 * MINUTE,
  fields: ['host.name'],
  total: 5,
  held: [{ group: { 'host.name': 'node-1' }, level: 'critical' }],
  until: BEGIN + 60 * MINUTE,
};
const silent = (minutes: number, given: Partial<QueuedEntry> = {}) =>
  entry(minutes, '', {
    ...{ rule: 'host-silent', source: 'host-silent#1', started: BEGIN, reason: 'no_data' },
    labels: { alertname: 'host-silent', severity: 'critical' },
    ...{ group: {}, values: { groups: 5 }, condition: '', outage },
    ...given,
  });
const unhealthy = (kind: string, subject: string, problem: string) =>
  entry(0, subject, {
    ...{ rule: 'TocsinHealth', source: 'TocsinHealth#1', level: 'warning', condition: '', values: { problem } },
    group: { kind, subject },
    labels: { alertname: 'TocsinHealth', severity: 'warning', kind, subject },
  });

/** What a message is made of: what is new, what was notified before, and when it was frozen, in minutes after the beginning. */
interface Made {
  readonly news: readonly QueuedEntry[];
  readonly before?: readonly QueuedEntry[];
  readonly minutes?: number;
  readonly reminder?: boolean;
  /** The first message has all links, the others those of their rule alone: they are long. */
  readonly linked?: boolean;
  readonly reader?: ReaderSettings;
}

function made(kind: string, { news, before = [], minutes = 0, reminder = false, linked = false, reader }: Made): Message {
  const alerts = Object.fromEntries(
    before.map((one) => [one.alert, { ...notifiedAs(one), ...(one.flapping && { flapping: one.flapping }) }]),
  );
  const changed = new Set(news.map(({ alert }) => alert));
  const also = Object.fromEntries(
    Object.entries(alerts).flatMap(([id, one]) => (changed.has(id) ? [] : [[id, { ...one, present: true as const }]])),
  );
  const about = [...news, ...before][0]?.rule ?? '';
  const document = alertGroup({ receiver: 'team-todo', group_labels: { alertname: about }, alerts });
  const facts = { reminder, entries: news, also, incident: 'incident-1' };
  const inflight = inflightOf(news, { id: `message-${kind}`, since: BEGIN + minutes * MINUTE, facts });
  return messageOf('alert-group-1', document, inflight, {
    ruleOf: (rule) => RULES[rule],
    ...(reader !== undefined && { readers: () => reader }),
    kibana: linked ? { url: 'https://kibana.example.com' } : undefined,
  });
}

const MADE: Readonly<Record<string, Made>> = {
  first: { news: [fires], linked: true },
  'more-alerts': {
    news: [entry(2, '/cart'), entry(2, '/login', { kind: 'resolved', started: BEGIN, values: { count: 0 } })],
    before: [fires, entry(0, '/login')],
    minutes: 5,
  },
  worse: { news: [later(1, { kind: 'worse', reason: 'worse' })], before: [{ ...fires, level: 'warning' }], minutes: 1 },
  better: { news: [later(9, { kind: 'better', reason: 'better', level: 'warning' })], before: [fires], minutes: 9 },
  reminder: { news: [], before: [fires], minutes: 240, reminder: true },
  resolved: { news: [end('recovered')], before: [fires], minutes: 12 },
  'no-data': { news: [end('no_data')], before: [fires], minutes: 12 },
  'rule-removed': { news: [end('rule_removed')], before: [fires], minutes: 12 },
  'rule-changed': { news: [end('rule_changed')], before: [fires], minutes: 12 },
  'state-lost': { news: [end('state_lost')], before: [fires], minutes: 12 },
  'resolved-among-others': {
    news: [end('recovered'), entry(12, '/cart', { kind: 'resolved', reason: 'no_data', started: BEGIN, values: {} })],
    before: [fires, entry(0, '/cart')],
    minutes: 12,
  },
  'fired-and-resolved': { news: [{ ...fires, late: true }, end('recovered')], minutes: 12 },
  moved: {
    news: [later(3, { kind: 'moved', reason: 'worse', values: { count: 70 }, moved_to: ['oncall'] })],
    before: [fires],
    minutes: 3,
  },
  event: { news: [event('root', 1)] },
  events: { news: [event('root', 4), event('eve', 1)] },
  flapping: { news: [{ ...fires, flapping: FLAPPING }] },
  'flapping-among-others': {
    news: [entry(2, '/cart'), entry(2, '/login', { kind: 'steady', started: BEGIN, flapping: FLAPPING })],
    before: [{ ...fires, flapping: FLAPPING }, entry(0, '/login', { flapping: FLAPPING })],
    minutes: 5,
  },
  steady: {
    news: [later(60, { kind: 'steady', flapping: { ...FLAPPING, episodes: 9 } })],
    before: [{ ...fires, flapping: FLAPPING }],
    minutes: 60,
  },
  'steady-and-over': {
    news: [{ ...end('recovered'), flapping: { ...FLAPPING, episodes: 9 } }],
    before: [{ ...fires, flapping: FLAPPING }],
    minutes: 32,
  },
  escalated: { news: [escalated('/todos/', ['secondary'])], minutes: 30 },
  'escalated-of-several': { news: [escalated('/todos/', []), escalated('/cart', [])], minutes: 31 },
  'escalated-among-others': { news: [escalated('/todos/', [])], before: [entry(0, '/cart')], minutes: 31 },
  update: {
    news: [entry(4, '/login', { kind: 'resolved', started: BEGIN, values: { count: 0 } })],
    before: [fires, entry(0, '/login')],
    minutes: 4,
  },
  memory: { news: [memory('api-7f9c', 249)] },
  'memory-of-several': {
    news: [memory('api-7f9c', 245), memory('cart-5d8b', 255), memory('web-66f4', 250, { level: 'warning' })],
  },
  'memory-in-berlin': { news: [memory('api-7f9c', 249)], reader: BERLIN },
  'silent-source': { news: [silent(0)] },
  'silent-source-over': {
    news: [silent(9, { kind: 'resolved', reason: 'recovered', outage: { ...outage, missing: [{ 'host.name': 'node-3' }] } })],
    before: [silent(0)],
    minutes: 9,
  },
  health: { news: [unhealthy('rule', 'stub-5xx', 'the search was refused: no such index [traces-apm]')] },
  'health-of-several': {
    news: [
      unhealthy('file', 'rules/a.yaml', 'line 3: unknown key'),
      unhealthy('receiver', 'oncall/slack/0', 'HTTP 404: no_team'),
    ],
  },
};

const direct = { subject: 'store', since: BEGIN };
const since = '2026-01-01 10:05:00 UTC';

/** One message of each kind that people get, of one incident where that is possible, made as the service makes it; by the name of its golden. */
export const INCIDENT: Readonly<Record<string, Message>> = {
  ...Object.fromEntries(Object.entries(MADE).map(([kind, what]) => [kind, made(kind, what)])),
  'store-away': directMessage(
    {
      ...{ ...direct, status: 'firing', now: BEGIN + MINUTE },
      ...{ title: STORE_AWAY.firing.title, text: STORE_AWAY.firing.text(since, 'No connection to es:9200.') },
    },
    'team-todo',
    'default',
  ),
  'store-back': directMessage(
    {
      ...{ ...direct, status: 'resolved', now: BEGIN + 9 * MINUTE },
      ...{ title: STORE_AWAY.resolved.title, text: STORE_AWAY.resolved.text('9m') },
    },
    'team-todo',
    'default',
  ),
  ...NOISE_REPORTS,
  test: testMessage('team-todo/slack/0', 'team-todo', BEGIN),
};
