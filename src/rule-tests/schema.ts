import { DURATION_PATTERN } from '../core/duration.ts';
import type { JsonSchema } from '../core/json.ts';
import { MESSAGE_REASONS } from '../messages/message.ts';
import { SEARCH_PROBLEMS } from '../search/search-problem.ts';

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
  description: `${description}: a duration after the start such as 90s, before it such as -1d, or 2026-01-01T10:00:00Z.`,
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
  const description = `${what}: a part of it, /a regular expression/, { is: all of it }, { not: … }, or a list of these that must all fit.`;
  return { $ref: '#/definitions/text', description };
}

const group: JsonSchema = {
  type: 'object',
  minProperties: 1,
  additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
  description: 'The group, or some of its fields; null stands for documents without the field.',
};

const values: JsonSchema = {
  type: 'object',
  minProperties: 1,
  additionalProperties: { type: ['number', 'string', 'boolean', 'null'] },
  description: 'Measured values: 20, ">= 5", "~ 0.35" (within one percent), null for no value.',
  examples: [{ count: 20 }, { ratio: '> 0.95' }],
};

const rule = text('The rule, by its name or id. Any rule of the test without it.');

const ALERT: Properties = {
  rule,
  group,
  status: words(['inactive', 'pending', 'firing', 'recovering'], 'Where the alert stands. Any but inactive without it.'),
  severity: text('The severity of its present level.'),
  since: time('The tick at which the present status began'),
  flapping: { type: 'boolean', description: 'Whether it flaps: then what it does is not notified until it is steady.' },
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

const NOTIFICATION: Properties = {
  receiver: text('Who was notified.'),
  channel: text('By what kind of channel: console, slack, email, webhook.'),
  at: time('When it was sent'),
  reason: words([...MESSAGE_REASONS], 'Why it was sent.'),
  status: words(['firing', 'resolved', 'event', 'moved'], 'What it says.'),
  severity: text('The worst severity among its alerts.'),
  rule: text('The rule of one of its alerts.'),
  group: { ...group, description: 'The group of one of its alerts, or some of its fields.' },
  firing: count('How many firing alerts it speaks of.'),
  resolved: count('How many alerts it speaks of that are over.'),
  title: pattern('Its title'),
  text: pattern('What the rule’s own text says'),
  rendered: pattern('All of it as the channel shows it, evidence and notes included'),
  links: pattern('Its links, one a line: runbook, Discover'),
};

function expectations(properties: Properties, what: string, none: string): JsonSchema {
  const not = object(properties, `A ${what.toLowerCase()} that must not be there: none may be like this.`);
  const item = object({ ...properties, not }, `${what}; only what is given is compared.`);
  return {
    anyOf: [list(item, `${what}s that must be there, each for itself.`), { const: 'none', description: none }],
    description: `${what}s that must be there, each for itself; others may be there unless \`exactly\` is true. \`none\` (or []): ${none}`,
  };
}

const check = object(
  {
    at: time('When to look, after everything that happens at this time'),
    alerts: expectations(ALERT, 'Alert', 'no alert is pending, firing or recovering.'),
    notifications: expectations(NOTIFICATION, 'Notification', 'nobody was notified anything since the check before.'),
    transitions: expectations(TRANSITION, 'Transition', 'nothing changed since the check before.'),
    health: expectations(ALERT, 'Health alert', 'Tocsin itself has nothing to complain of.'),
    exactly: {
      type: 'boolean',
      default: false,
      description: 'True: the lists of this check are whole; what they do not name may not be there.',
    },
  },
  'What must be seen at one time. Notifications and transitions are those since the check before.',
  ['at'],
);

const documents = object(
  {
    at: {
      anyOf: [time('The time of the document'), list(time('A time'), 'Several times.', { minItems: 1 })],
      description: 'When: a time, or a list of times. 0s without it.',
    },
    repeat: { type: 'integer', minimum: 1, maximum: 100_000, default: 1, description: 'How many of these, one `every`.' },
    every: duration('How far apart the repetitions are.'),
    arrives_after: duration('How long after its time the document can be found: a late one.'),
    index: text('The index or data stream it lies in. That of the test or file without it, else every index.'),
    document: { type: 'object', description: 'The document; its time is added. Fields may be nested or dotted.' },
    for_each: {
      type: 'object',
      minProperties: 1,
      additionalProperties: list({}, 'The values.', { minItems: 1 }),
      description: 'Fields with several values: one such document for each of them (for each combination, with several fields).',
      examples: [{ 'host.name': ['node-1', 'node-2'] }],
    },
    file: text('An NDJSON file with documents, relative to this file; `at` moves the oldest one there.'),
  },
  'Documents that are there, or arrive.',
);

const route: JsonSchema = object(
  {
    receiver: text('Who is notified.'),
    matchers: list(text('A matcher such as severity="critical".'), 'Labels that an alert must have.'),
    continue: { type: 'boolean', description: 'Whether the routes after this one are tried too.' },
    group_by: list(text('A label.'), 'Labels that divide notifications; ["..."] for all.'),
    group_wait: duration('How long the first notification waits for more.'),
    group_interval: duration('How long a change waits after a notification.'),
    repeat_interval: duration('How often a reminder of firing alerts is sent.'),
    routes: list({ $ref: '#/definitions/route' }, 'Routes below, the first that fits wins.'),
  },
  'Who is notified, as in tocsin.yaml; every receiver named here is there. Without it all goes to `default`.',
);

const silence = object(
  {
    matchers: list(text('A matcher such as severity="warning".'), 'Labels of the alerts that are silenced.', { minItems: 1 }),
    from: time('When it begins'),
    until: time('When it ends'),
  },
  'Alerts that fit are not notified meanwhile.',
  ['matchers', 'until'],
);

const outage = object(
  { from: time('When it begins'), until: time('When it ends') },
  'Tocsin does not run meanwhile: it stops in order before `from`, and starts again at `until`.',
  ['from', 'until'],
);

const searchFailure = object(
  {
    from: time('When it begins'),
    until: time('When it ends'),
    problem: {
      enum: Object.keys(SEARCH_PROBLEMS),
      default: 'unreachable',
      description: 'What searches fail with.',
    },
  },
  'Every search fails meanwhile.',
  ['from', 'until'],
);

const SHARED: Properties = {
  start: {
    type: 'string',
    pattern: INSTANT_PATTERN,
    default: '2026-01-01T00:00:00Z',
    description: 'Where the virtual time of a test begins, in UTC.',
  },
  index: text('The index of documents that name none.'),
  mapping: {
    type: 'object',
    description:
      'The mapping of the documents, as Elasticsearch takes it under `mappings`. Told by ECS and by their values without it.',
  },
  route: { $ref: '#/definitions/route' },
  documents: list(documents, 'Documents that are there, or arrive.'),
};

const test = object(
  {
    name: text('What is tested, as a sentence.'),
    ...SHARED,
    silences: list(silence, 'Silences that are set.'),
    down: list(outage, 'Times in which Tocsin does not run, in the order of time.'),
    search_fails: list(searchFailure, 'Times in which Elasticsearch does not answer searches.'),
    checks: list(check, 'What must be seen, in the order of time.', { minItems: 1 }),
  },
  'One test: it begins with no state and its documents.',
  ['name', 'checks'],
);

/** The JSON schema of a `*.test.yaml`: strict, every key described; for the reader of test files and for editors. Draft 7. */
export function ruleTestSchema(): JsonSchema {
  const patterns: JsonSchema[] = [
    { type: 'string', minLength: 1, description: 'A part of the text, or /a regular expression/.' },
    object({ is: { type: 'string', description: 'The whole text.' } }, 'The whole text.', ['is']),
    object({ not: { $ref: '#/definitions/text' } }, 'What it must not be.', ['not']),
    list({ $ref: '#/definitions/text' }, 'Several, which must all fit.', { minItems: 1 }),
  ];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tocsin rule test',
    ...object(
      {
        rules: {
          anyOf: [text('A rule file.'), list(text('A rule file.'), 'Several.', { minItems: 1 })],
          description: 'The rule files under test, relative to this file. NAME.yaml for NAME.test.yaml without it.',
        },
        ...SHARED,
        tests: list(test, 'The tests, each with a name and checks.', { minItems: 1 }),
      },
      'Tests of the rules beside this file.',
      ['tests'],
    ),
    definitions: { route, text: { anyOf: patterns, description: 'A text.' } },
  };
}

/** The schema as the file `schema/rule-test.schema.json` holds it. */
export function ruleTestSchemaText(): string {
  return `${JSON.stringify(ruleTestSchema(), undefined, 2)}\n`;
}
