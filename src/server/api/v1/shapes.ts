import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { EVENT_KINDS } from '../../web/events.ts';

/**
 * The shapes of the answers of Tocsin's own API. The OpenAPI document is made of them, and tests hold each answer against them. Members are closedObject: what is
 * not here is not sent.
 */

/** A schema with a name and what it means, under which the OpenAPI document shows it. */
function shape<P extends TProperties>(title: string, description: string, properties: P) {
  return Type.Object(properties, { title, description, additionalProperties: false });
}

const time = Type.String({ description: 'ISO 8601, UTC.' });
const orNull = <S extends TSchema>(of: S) => Type.Union([of, Type.Null()]);
const text = Type.String();
const labels = Type.Record(text, text);
const group = Type.Record(text, orNull(text), {
  description: 'Values of the fields of `group_by`; null where a document has none.',
});
const values = Type.Record(text, Type.Unknown());
const count = Type.Integer({ minimum: 0 });

/** An error as RFC 9457 has it, with the next step. */
export const ProblemShape = shape('Problem', 'An error: what is wrong, and the next step.', {
  type: text,
  title: text,
  status: Type.Integer(),
  detail: text,
  next: Type.String({ description: 'The next step.' }),
});

const Health = Type.Union(
  [Type.Literal('ok'), Type.Literal('failing'), Type.Literal('paused'), Type.Literal('never evaluated')],
  { description: 'Whether the rule can be evaluated.' },
);

const Cost = shape('Cost', 'The cost of the rule’s evaluations by this replica since it started.', {
  evaluations: count,
  failed: count,
  average_ms: Type.Number(),
  longest_ms: Type.Number(),
  last_ms: Type.Number(),
  last_at: time,
  matched: count,
  groups: count,
});

const ruleMembers = {
  id: text,
  name: text,
  type: text,
  enabled: Type.Boolean(),
  description: orNull(text),
  file: text,
  line: count,
  index: Type.Array(text),
  query: Type.Object({ language: text, text }, { additionalProperties: false }),
  group_by: Type.Array(text),
  schedule: text,
  window_seconds: Type.Number(),
  conditions: Type.Array(Type.Object({ severity: text, condition: text }, { additionalProperties: false })),
  labels,
  receivers: orNull(Type.Array(text)),
  health: Health,
  failures: count,
  failing_since: orNull(time),
  problem: orNull(Type.Object({ code: text, message: text, hint: text }, { additionalProperties: false })),
  evaluated_through: orNull(time),
  cost: orNull(Cost),
  alerts: Type.Object({ firing: count, pending: count }, { additionalProperties: false }),
} as const;

const RuleShape = shape('Rule', 'A loaded rule with its health and cost.', ruleMembers);

const OneRuleShape = shape('OneRule', 'A loaded rule with its health and cost, its tests and its last change.', {
  ...ruleMembers,
  tests: orNull(
    Type.Object(
      { file: text, names: Type.Array(text), more: count, problem: orNull(text) },
      { additionalProperties: false, description: 'In the file next to it; null: unknown.' },
    ),
  ),
  last_change: orNull(
    Type.Object(
      {
        revision: text,
        author: orNull(text),
        at: orNull(time),
        subject: orNull(text),
        url: orNull(text),
        differs: Type.Boolean({ description: 'The file has uncommitted changes.' }),
      },
      {
        additionalProperties: false,
        description: 'The last commit of its file, or the deployed revision; null: unknown.',
      },
    ),
  ),
});

const Notification = Type.Object(
  {
    receiver: text,
    destination: text,
    state: Type.Union([Type.Literal('notified'), Type.Literal('waiting'), Type.Literal('held'), Type.Literal('dead')]),
    at: orNull(time),
    note: Type.Optional(text),
  },
  { additionalProperties: false },
);

const AlertShape = shape('Alert', 'A living alert.', {
  rule: text,
  group,
  status: text,
  severity: orNull(text),
  title: text,
  labels,
  values,
  annotations: Type.Optional(values),
  condition: text,
  since: time,
  id: text,
  episode: Type.Optional(text),
  flapping: Type.Optional(Type.Object({ since: time, episodes: count }, { additionalProperties: false })),
  about: Type.Optional(text),
  held_until: Type.Optional(time),
  suppressed_by: Type.Optional(text),
  acknowledged: Type.Optional(
    Type.Object({ by: text, at: time, comment: text, worse: Type.Optional(Type.Literal(true)) }, { additionalProperties: false }),
  ),
  notified: Type.Array(Notification),
});

const EpisodeShape = shape('Episode', 'One episode of an alert, from firing to resolved.', {
  rule: text,
  alert: text,
  group,
  labels,
  severity: text,
  start: time,
  end: orNull(time),
});

const EvaluationShape = shape(
  'Evaluation',
  'The record of one evaluation. Recorded are those with findings or failures, and one per hour.',
  {
    at: time,
    window: Type.Object({ from: time, to: time }, { additionalProperties: false }),
    outcome: text,
    problem: orNull(Type.Object({ code: text, message: text, hint: text }, { additionalProperties: false })),
    matched: count,
    groups: count,
    truncated: Type.Boolean(),
    findings: Type.Record(text, count),
    changes: Type.Array(
      Type.Object(
        { alert: text, group, kind: text, from: text, to: text, reason: text, severity: text, values },
        { additionalProperties: false },
      ),
    ),
    took_ms: Type.Number(),
  },
);

const messageMembers = {
  id: orNull(Type.String({ description: 'null: recorded by an older version.' })),
  at: time,
  receiver: text,
  destination: text,
  channel: text,
  outcome: text,
  reason: text,
  title: text,
  rules: Type.Array(text),
  severity: text,
  attempt: count,
  problem: orNull(text),
} as const;

const MessageShape = shape('Notification', 'One message and the outcome of its last attempt.', messageMembers);

const SentShape = shape('SentNotification', 'One message, with the sent payload.', {
  ...messageMembers,
  payload: orNull(
    Type.Record(text, Type.Unknown(), {
      description: 'The payload given to its channel, without images and secrets; null: it was not stored.',
    }),
  ),
  cut: Type.Boolean({ description: 'Texts that were too long to store end with `…`.' }),
});

const SilenceShape = shape('Silence', 'A silence.', {
  id: text,
  state: Type.Union([Type.Literal('active'), Type.Literal('pending'), Type.Literal('expired')]),
  matchers: Type.Array(Type.String({ description: 'In Alertmanager’s notation: `severity="critical"`.' })),
  starts_at: time,
  ends_at: time,
  created_by: text,
  comment: text,
  link: orNull(text),
  origin: orNull(
    Type.String({ description: 'File and line where it is planned, and where alone it can be changed. null: it was added.' }),
  ),
});

const SeriesShape = shape('Series', 'What a rule measured for one group at its ticks.', {
  rule: text,
  group,
  value: text,
  times: Type.Array(Type.Number({ description: 'Seconds since 1970.' })),
  values: Type.Array(orNull(Type.Number())),
  thresholds: Type.Array(Type.Object({ op: text, number: Type.Number() }, { additionalProperties: false })),
});

const ReceiverShape = shape('Receiver', 'A receiver with its destinations.', {
  name: text,
  destinations: Type.Array(
    Type.Object({ id: text, channel: text, problem: orNull(text), alerts_waiting: count }, { additionalProperties: false }),
  ),
});

/** A page of a list; `next` is the `after` of the page that follows. */
function listOf<S extends TSchema>(title: string, items: S) {
  return shape(title, 'A page of a list.', {
    items: Type.Array(items),
    next: orNull(Type.Integer({ description: '`after` of the next page; null on the last page.' })),
    total: orNull(Type.Integer({ description: 'Total number of items, if known.' })),
  });
}

/** What is sent for each request, by its name. */
export const ANSWERS = {
  rules: listOf('Rules', RuleShape),
  rule: OneRuleShape,

  alerts: listOf('Alerts', AlertShape),
  alert: AlertShape,
  episodes: listOf('Episodes', EpisodeShape),
  evaluations: listOf('Evaluations', EvaluationShape),
  notifications: listOf('Notifications', MessageShape),
  notification: SentShape,
  silences: listOf('Silences', SilenceShape),
  silence: SilenceShape,
  preview: shape('Preview', 'Alerts that the matchers match now, and episodes of the last week.', {
    alerts: Type.Array(AlertShape),
    alerts_total: count,
    episodes: Type.Array(EpisodeShape),
    episodes_total: count,
    more: Type.Boolean({ description: 'Only the newest 10,000 episodes were checked.' }),
  }),
  series: SeriesShape,
  explanation: Type.Record(text, Type.Unknown(), {
    title: 'Explanation',
    description: 'As `tocsin explain --format json` prints it.',
  }),
  receivers: listOf('Receivers', ReceiverShape),
  saved: shape('Saved', 'The saved silence.', { id: text }),
  event: shape('Event', 'The data of a server-sent event; its members depend on its kind.', {
    kind: Type.Union(EVENT_KINDS.map((kind) => Type.Literal(kind))),
  }),
} as const;

/** What is sent for a request. */
export type ApiAnswer<K extends keyof typeof ANSWERS> = Static<(typeof ANSWERS)[K]>;
