import { channels } from '../channels/registry.ts';
import { DURATION_PATTERN } from '../core/duration.ts';
import type { JsonSchema } from '../core/json.ts';
import { MESSAGE_REASONS } from '../messages/message.ts';
import { SEARCH_PROBLEMS } from '../search/search-problem.ts';
import { SNAPSHOT_FORMS } from './snapshots/message-forms.ts';

const DURATION = DURATION_PATTERN.slice(1, -1);
/** Pattern of a time in a rule test: a duration after `start`, before it with a minus, or ISO 8601 in UTC. */
const TIME_PATTERN = `^(?:-?(?=\\d)${DURATION}|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,3})?)?Z)$`;
const INSTANT_PATTERN = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,3})?)?Z$';

type Properties = Readonly<Record<string, JsonSchema>>;

const text = (description: string): JsonSchema => ({ type: 'string', minLength: 1, maxLength: 10_000, description });
const duration = (description: string): JsonSchema => ({
  type: 'string',
  minLength: 1,
  pattern: DURATION_PATTERN,
  description,
  examples: ['90s', '5m'],
});
const time = (description: string): JsonSchema => ({
  type: 'string',
  pattern: TIME_PATTERN,
  description: `${description}: a duration from the start such as 90s, or -1d for before it, or 2026-01-01T10:00:00Z.`,
});
const count = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, description });
const words = (names: readonly string[], description: string): JsonSchema => ({ enum: names, description });

function object(properties: Properties, description: string, required: readonly string[] = []): JsonSchema {
  return { type: 'object', description, properties, required, additionalProperties: false };
}

function list(items: JsonSchema, description: string, limits: Readonly<Record<string, number>> = {}): JsonSchema {
  return { type: 'array', items, description, ...limits };
}

function pattern(what: string): JsonSchema {
  const description = `${what}: a part of it, /a regular expression/, { is: the whole text }, { not: … }, or a list of these that must all match.`;
  return { $ref: '#/definitions/text', description };
}

const group: JsonSchema = {
  type: 'object',
  minProperties: 1,
  additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
  description: 'The group, or some of its fields; null means documents without the field.',
};

const values: JsonSchema = {
  type: 'object',
  minProperties: 1,
  additionalProperties: { type: ['number', 'string', 'boolean', 'null'] },
  description: 'Measured values: 20, ">= 5", "~ 0.35" (within one percent), null for no value.',
  examples: [{ count: 20 }, { ratio: '> 0.95' }],
};

const rule = text('Name or ID of the rule. Default: any rule of the test.');

const ALERT: Properties = {
  rule,
  group,
  status: words(['inactive', 'pending', 'firing', 'recovering'], 'Status of the alert. Default: any except inactive.'),
  severity: text('The severity of its current level.'),
  since: time('The tick at which the current status began'),
  flapping: { type: 'boolean', description: 'Whether it flaps, so that its changes are not notified until it is steady.' },
  labels: { type: 'object', minProperties: 1, additionalProperties: pattern('A label'), description: 'Labels of the alert.' },
  values,
};

const TRANSITION: Properties = {
  rule,
  group,
  at: time('The tick'),
  from: words(['inactive', 'pending', 'firing', 'recovering'], 'The status before.'),
  to: words(['inactive', 'pending', 'firing', 'recovering'], 'The status after.'),
  reason: words(
    [
      'breach',
      'no_data',
      'recovered',
      'again',
      'gap',
      'expired',
      'rule_changed',
      'rule_removed',
      'clear',
      'absent',
      'worse',
      'better',
      'event',
      'late_documents',
    ],
    'Why it changed.',
  ),
  severity: text('The severity of the level.'),
  values,
};

function snapshot(what: string): JsonSchema {
  return {
    anyOf: [
      { type: 'boolean', description: 'true: in the format of its own channel.' },
      words(SNAPSHOT_FORMS, 'One form.'),
      list(words(SNAPSHOT_FORMS, 'A form.'), 'Several forms.', { minItems: 1 }),
    ],
    description: `${what} as stored in __snapshots__ next to this file by \`tocsin test --update\`: true for the format of its own channel, or ${SNAPSHOT_FORMS.join(', ')}.`,
    examples: [true, ['slack', 'email']],
  };
}

const NOTIFICATION: Properties = {
  receiver: text('The notified receiver.'),
  channel: text(`The kind of channel: ${Object.keys(channels).join(', ')}.`),
  at: time('When it was sent'),
  reason: words([...MESSAGE_REASONS], 'Why it was sent.'),
  status: words(['firing', 'resolved', 'event', 'moved'], 'The status in the message.'),
  severity: text('The worst severity among its alerts.'),
  rule: text('The rule of one of its alerts.'),
  group: { ...group, description: 'The group of one of its alerts, or some of its fields.' },
  firing: count('Number of firing alerts in it.'),
  resolved: count('Number of resolved alerts in it.'),
  title: pattern('Its title'),
  text: pattern('The text of the rule'),
  rendered: pattern('The whole message as the channel shows it, including evidence and notes'),
  links: pattern('Its links, one per line: runbook, Discover'),
  snapshot: snapshot('The whole message'),
};

function expectations(properties: Properties, what: string, none: string): JsonSchema {
  const { snapshot: _kept, ...compared } = properties;
  const not = object(compared, `A ${what.toLowerCase()} that must not exist.`);
  const item = object({ ...properties, not }, `${what}; only the given keys are compared.`);
  return {
    anyOf: [list(item, `${what}s that must exist; each entry matches a different item.`), { const: 'none', description: none }],
    description: `${what}s that must exist; each entry matches a different item. Others are allowed unless \`exactly\` is true. \`none\` (or []): ${none}`,
  };
}

const check = object(
  {
    at: time('The time of the check, after everything that happens at this time'),
    alerts: expectations(ALERT, 'Alert', 'no alert is pending, firing or recovering.'),
    notifications: expectations(NOTIFICATION, 'Notification', 'no notification since the previous check.'),
    transitions: expectations(TRANSITION, 'Transition', 'no transition since the previous check.'),
    health: expectations(ALERT, 'Health alert', 'no health alert of Tocsin.'),
    exactly: {
      type: 'boolean',
      default: false,
      description: 'true: items that are not listed are errors.',
    },
  },
  'The expected state at one time. Notifications and transitions are those since the previous check.',
  ['at'],
);

const documents = object(
  {
    at: {
      anyOf: [time('The time of the document'), list(time('A time'), 'Several times.', { minItems: 1 })],
      description: 'A time, or a list of times. Default: 0s.',
    },
    repeat: { type: 'integer', minimum: 1, maximum: 100_000, default: 1, description: 'Number of documents, one per `every`.' },
    every: duration('Interval between the documents.'),
    arrives_after: duration('How long after its time the document becomes searchable, for late documents.'),
    index: text('The index or data stream. Default: that of the test or file, otherwise every index.'),
    document: { type: 'object', description: 'The document; its time is added. Fields may be nested or dotted.' },
    for_each: {
      type: 'object',
      minProperties: 1,
      additionalProperties: list({}, 'The values.', { minItems: 1 }),
      description: 'Fields with several values: one document per value (per combination, with several fields).',
      examples: [{ 'host.name': ['node-1', 'node-2'] }],
    },
    times: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'string',
        pattern: `^-?(?=\\d)${DURATION}$`,
        description: 'A duration, before the time with a minus.',
      },
      description: 'Fields that are a time after that of the document: 20s, or before it: -3s.',
      examples: [{ 'event.ingested': '20s' }],
    },
    file: text('An NDJSON file with documents, relative to this file; `at` shifts the oldest one to this time.'),
  },
  'Documents in the indices.',
);

const route: JsonSchema = object(
  {
    receiver: text('The receiver to notify.'),
    matchers: list(text('A matcher such as severity="critical".'), 'Labels that an alert must have.'),
    continue: { type: 'boolean', description: 'Whether the following routes are tried too.' },
    group_by: list(text('A label.'), 'Labels to group notifications by; ["..."] for all.'),
    group_wait: duration('How long the first notification waits for more.'),
    group_interval: duration('How long a change waits after a notification.'),
    repeat_interval: {
      anyOf: [
        duration('A length of time.'),
        object(
          {
            first: duration('Time until the first reminder.'),
            factor: { type: 'number', minimum: 1, description: 'Factor by which the time grows with each reminder.' },
            max: duration('At most.'),
          },
          'It grows.',
          ['first'],
        ),
      ],
      description: 'Interval of reminders about firing alerts.',
    },
    schedule: text('When messages are sent, as a cron pattern in `timezone`.'),
    timezone: text('IANA time zone.'),
    send_resolved: { type: 'boolean', description: 'Whether receivers are notified when alerts end.' },
    escalate: list(
      object({ after: duration('Time after the first message.'), receiver: text('The receiver.') }, 'A step.', [
        'after',
        'receiver',
      ]),
      'Additional receivers, notified while an alert fires and no one acknowledges it.',
    ),
    mute_time_intervals: list(text('A time interval of tocsin.yaml.'), 'Time intervals in which this route does not notify.'),
    active_time_intervals: list(text('A time interval of tocsin.yaml.'), 'Outside these intervals, this route does not notify.'),
    routes: list({ $ref: '#/definitions/route' }, 'Child routes: the first one that matches gets the alert.'),
  },
  'The routing tree, as in tocsin.yaml; all receivers named here exist. Default: everything goes to `default`.',
);

const silence = object(
  {
    matchers: list(text('A matcher such as severity="warning".'), 'Matchers of the silenced alerts.', { minItems: 1 }),
    from: time('When it begins'),
    until: time('When it ends'),
  },
  'Matching alerts are not notified during this time.',
  ['matchers', 'until'],
);

const outage = object(
  { from: time('When it begins'), until: time('When it ends') },
  'Tocsin is down during this time: it shuts down before `from`, and restarts at `until`.',
  ['from', 'until'],
);

const searchFailure = object(
  {
    from: time('When it begins'),
    until: time('When it ends'),
    problem: {
      enum: Object.keys(SEARCH_PROBLEMS),
      default: 'unreachable',
      description: 'The problem of the searches.',
    },
  },
  'Every search fails during this time.',
  ['from', 'until'],
);

const SHARED: Properties = {
  start: {
    type: 'string',
    pattern: INSTANT_PATTERN,
    default: '2026-01-01T00:00:00Z',
    description: 'Start of the virtual time of a test, in UTC.',
  },
  index: text('Default index of documents.'),
  mapping: {
    type: 'object',
    description:
      'Mapping of the documents, in the format of `mappings` in Elasticsearch. Default: derived from ECS and the values.',
  },
  route: { $ref: '#/definitions/route' },
  snapshot: snapshot('Each message that is sent'),
  documents: list(documents, 'Documents in the indices.'),
};

const test = object(
  {
    name: text('What the test verifies, as a sentence.'),
    ...SHARED,
    silences: list(silence, 'Active silences.'),
    down: list(outage, 'Downtimes of Tocsin, in order of time.'),
    search_fails: list(searchFailure, 'Time ranges in which searches fail.'),
    checks: list(check, 'Checks, in order of time.', { minItems: 1 }),
  },
  'A test. It starts without state.',
  ['name', 'checks'],
);

/** The JSON schema of a `*.test.yaml`: strict, every key described; for the reader of test files and for editors. Draft 7. */
export function ruleTestSchema(): JsonSchema {
  const patterns: JsonSchema[] = [
    { type: 'string', minLength: 1, description: 'A part of the text, or /a regular expression/.' },
    object({ is: { type: 'string', description: 'The whole text.' } }, 'The whole text.', ['is']),
    object({ not: { $ref: '#/definitions/text' } }, 'Must not match.', ['not']),
    list({ $ref: '#/definitions/text' }, 'Several patterns, all of which must match.', { minItems: 1 }),
  ];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tocsin rule test',
    ...object(
      {
        rules: {
          anyOf: [text('A rule file.'), list(text('A rule file.'), 'Several.', { minItems: 1 })],
          description: 'The rule files under test, relative to this file. Default: NAME.yaml for NAME.test.yaml.',
        },
        ...SHARED,
        tests: list(test, 'The tests, each with a name and checks.', { minItems: 1 }),
      },
      'Tests of rules.',
      ['tests'],
    ),
    definitions: { route, text: { anyOf: patterns, description: 'A text.' } },
  };
}
