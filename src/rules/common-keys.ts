import { type Static, type TSchemaOptions, Type } from 'typebox';
import { DURATION_PATTERN } from '../core/duration.ts';
import type { JsonObject } from '../core/json.ts';
import { DEFAULTS } from './default-values.ts';
import { closed, fieldKey, textKey } from './key-schemas.ts';
import { evidence, message } from './notification-keys.ts';

/** What no name holds: control characters, half characters, and marks that turn the direction of a text or are not seen. */
const UNSEEN = '\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\u200B\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u206F\\uFEFF';

/** Names of rules: any printable text that neither begins nor ends with a blank. */
export const NAME_PATTERN = `^[^\\s${UNSEEN}](?:[^${UNSEEN}]*[^\\s${UNSEEN}])?$`;

/** Names of labels; dots are allowed because the fields of `group_by` are labels too. */
const LABEL_PATTERN = '^[A-Za-z_][A-Za-z0-9_.]*$';
const NAME_LENGTH = 128;

/** Names of indices, data streams, aliases and patterns, with an optional cluster; several may be joined by commas. */
const INDEX_PATTERN = '^[^\\s"\\\\|?#,]+(?:,[^\\s"\\\\|?#,]+)*$';

function duration(description: string, options: TSchemaOptions = {}) {
  return Type.String({
    minLength: 1,
    pattern: DURATION_PATTERN,
    description,
    examples: ['90s', '5m', '1h30m', '7d'],
    ...options,
  });
}

const severity = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
  maxLength: 64,
  description: 'How bad it is, e.g. critical, error, warning or info: the label that routing and colours go by.',
});

const query = Type.Union(
  [
    textKey('KQL, the language of Kibana’s search bar.', { minLength: 0, maxLength: 100_000 }),
    Type.Object({ lucene: textKey('A query in Lucene syntax, as Elasticsearch’s query_string takes it.') }, closed),
    Type.Object(
      {
        dsl: Type.Unsafe<JsonObject>({
          type: 'object',
          minProperties: 1,
          maxProperties: 1,
          description: 'A query of Elasticsearch’s Query DSL.',
        }),
      },
      closed,
    ),
  ],
  { description: 'Which documents count: KQL, or { lucene: … } or { dsl: … }. All of them without it.' },
);

const condition = (description: string) =>
  Type.String({ minLength: 1, maxLength: 4_000, description, examples: ['count >= 5', 'used / limit > 0.9'] });

const levels = Type.Array(
  Type.Object({ severity, condition: condition('When this level is reached: CEL over the values of the rule’s type.') }, closed),
  {
    minItems: 1,
    maxItems: 10,
    description: 'Several severities, the worst first, each with its condition; in place of `condition`.',
  },
);

const flapping = Type.Union(
  [
    Type.Literal('off', { description: 'Every episode is notified, however fast they follow each other.' }),
    Type.Object(
      {
        episodes: Type.Optional(
          Type.Integer({
            ...{ minimum: 2, maximum: 100, default: DEFAULTS.flapping.episodes },
            description: 'How many episodes of one alert are too many.',
          }),
        ),
        within: Type.Optional(
          duration('The time in which that many may not begin; at least 1s.', { default: DEFAULTS.flapping.within }),
        ),
        steady: Type.Optional(
          duration(
            'How long nothing may begin or end until the alert counts as steady, at least 1s; `within` / (`episodes` − 1) unless given, which is 20m.',
          ),
        ),
      },
      closed,
    ),
  ],
  {
    description:
      'When an alert flaps: that is notified once, and then nothing but a worse level until it is steady. Looked for by its defaults unless `off`.',
  },
);

/** The keys of every rule, whatever its type; JSON schema and TypeScript type in one. */
export const CommonKeys = Type.Object(
  {
    name: Type.String({
      pattern: NAME_PATTERN,
      maxLength: NAME_LENGTH,
      description: 'Unique name of the rule; alerts bear it as `alertname`.',
    }),
    id: Type.Optional(
      Type.String({
        pattern: NAME_PATTERN,
        maxLength: NAME_LENGTH,
        description: 'Identity of the rule, if it is not the name: lets a rule be renamed and keep its alerts.',
      }),
    ),
    description: Type.Optional(textKey('What the rule watches, for the people who are notified.')),
    type: Type.String({ description: 'What is measured.' }),
    index: Type.Union(
      [
        Type.String({ pattern: INDEX_PATTERN, maxLength: 4_000, description: 'A data stream, index, alias or pattern.' }),
        Type.Array(
          Type.String({ pattern: INDEX_PATTERN, maxLength: 1_000, description: 'A data stream, index, alias or pattern.' }),
          {
            ...{ minItems: 1, maxItems: 100, uniqueItems: true, description: 'Several of them.' },
          },
        ),
      ],
      {
        description: 'Where to look: data streams, patterns such as traces-*, also cluster:pattern; one or a list.',
        examples: ['traces-*'],
      },
    ),
    query: Type.Optional(query),
    time_field: Type.Optional(
      Type.String({
        minLength: 1,
        default: DEFAULTS.time_field,
        description: 'The date or date_nanos field that windows are cut by.',
      }),
    ),
    group_by: Type.Optional(
      Type.Array(fieldKey('A field; each of its values is a group with its own alert.'), {
        ...{ minItems: 1, maxItems: 10, uniqueItems: true },
        description: 'Fields whose values divide the documents into groups; each group has its own alert. One group without it.',
      }),
    ),
    missing: Type.Optional(
      Type.Enum(['exclude', 'include'], {
        default: DEFAULTS.missing,
        description:
          'Documents without a group_by field: `exclude` leaves them out and counts them, `include` makes them a group.',
      }),
    ),
    max_groups: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        default: DEFAULTS.max_groups,
        description: 'Most groups one evaluation reads; beyond it the others are unknown.',
      }),
    ),
    every: Type.Optional(
      duration('How often the rule is evaluated, at least 1s, at multiples since 1970-01-01T00:00Z.', {
        default: DEFAULTS.every,
      }),
    ),
    schedule: Type.Optional(
      textKey('When the rule is evaluated, as a cron pattern of five fields; in place of `every`.', {
        examples: ['*/5 8-18 * * 1-5'],
      }),
    ),
    timezone: Type.Optional(
      textKey('IANA time zone of `schedule`.', { default: DEFAULTS.timezone, examples: ['Europe/Berlin'] }),
    ),
    window: Type.Optional(duration('How much time one evaluation looks at; at least 1s.', { default: DEFAULTS.window })),
    delay: Type.Optional(
      duration('How long documents may take to arrive: the window ends this long before the tick.', { default: DEFAULTS.delay }),
    ),
    condition: Type.Optional(condition('When it is bad: CEL over the values of the rule’s type.')),
    levels: Type.Optional(levels),
    recover: Type.Optional(condition('When it is good again: CEL. As soon as the condition does not hold, without it.')),
    for: Type.Optional(
      Type.Union(
        [
          duration('A length of time.'),
          Type.Object(
            {
              breaches: Type.Integer({ minimum: 1, maximum: 100, description: 'How many of the last evaluations must be bad.' }),
              of: Type.Integer({ minimum: 1, maximum: 100, description: 'How many evaluations are looked back at.' }),
            },
            closed,
          ),
        ],
        {
          default: DEFAULTS.for,
          description: 'How long it must be bad before the alert fires, or { breaches: 3, of: 5 } evaluations.',
        },
      ),
    ),
    keep_firing_for: Type.Optional(
      duration('How long it must be good before the alert is resolved; also before a lower level shows.', {
        default: DEFAULTS.keep_firing_for,
      }),
    ),
    no_data: Type.Optional(
      Type.Enum(['resolve', 'keep', 'alert'], {
        default: DEFAULTS.no_data,
        description: 'What becomes of a group without documents, where more than documents is measured: resolve, keep, or alert.',
      }),
    ),
    no_data_after: Type.Optional(duration('How long a group must be without documents for `no_data`; the window unless given.')),
    forget_after: Type.Optional(
      duration('With `no_data: alert`: how long a group that is gone is remembered; at least 1s.', {
        default: DEFAULTS.forget_after,
      }),
    ),
    settle: Type.Optional(
      duration('Grace of a group that was never seen before: it is not evaluated this long.', { default: DEFAULTS.settle }),
    ),
    flapping: Type.Optional(flapping),
    outage_hold: Type.Optional(
      Type.Union([Type.Literal('off', { description: 'Each group is reported by itself.' }), duration('A length of time.')], {
        ...{
          default: DEFAULTS.outage_hold,
          description:
            'How long alerts of groups are held back in favour of one message while no document at all arrives in `index`, at least 1s; `off`: not at all.',
        },
      }),
    ),
    revisit: Type.Optional(
      Type.Union([Type.Literal('off', { description: 'Windows are evaluated once.' }), duration('How far back.')], {
        ...{
          default: DEFAULTS.revisit,
          description: 'How far back windows are evaluated again for documents that came late, at least 1s; `off`: never.',
        },
      }),
    ),
    catch_up: Type.Optional(
      duration('How far back windows that were missed are evaluated after a downtime; older ones are recorded as a gap.', {
        default: DEFAULTS.catch_up,
      }),
    ),
    error_after: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        default: DEFAULTS.error_after,
        description: 'After how many failed evaluations the rule’s health is an alert.',
      }),
    ),
    labels: Type.Optional(
      Type.Unsafe<Readonly<Record<string, string>>>({
        ...{ type: 'object', propertyNames: { pattern: LABEL_PATTERN, maxLength: NAME_LENGTH }, maxProperties: 50 },
        additionalProperties: { type: 'string', minLength: 1, maxLength: 1_000, description: 'Value of the label.' },
        properties: { severity: { ...severity, default: DEFAULTS.severity } },
        description: 'Labels of the rule’s alerts, which routes and silences match. `severity` is `warning` unless given.',
      }),
    ),
    receivers: Type.Optional(
      Type.Array(textKey('Name of a receiver of tocsin.yaml.'), {
        ...{ minItems: 1, maxItems: 20, uniqueItems: true },
        description: 'Receivers to tell, in place of those that the routing tree finds.',
      }),
    ),
    send_resolved: Type.Optional(
      Type.Boolean({
        description: 'Whether receivers are notified of the end of an alert: true, but for `new_term`, where nothing recovers.',
      }),
    ),
    repeat_interval: Type.Optional(
      duration('How often a firing alert is notified again, at least 1s; the route’s unless given.'),
    ),
    message: Type.Optional(message),
    evidence: Type.Optional(evidence),
    enabled: Type.Optional(
      Type.Boolean({
        default: DEFAULTS.enabled,
        description:
          'false pauses the rule: nothing is evaluated or notified, its state is kept. Enabled again, it begins with the newest window.',
      }),
    ),
    timeout: Type.Optional(duration('Longest time one search may take.', { default: DEFAULTS.timeout })),
    ignore_missing_index: Type.Optional(
      Type.Boolean({
        default: DEFAULTS.ignore_missing_index,
        description: 'true: where no index matches there are no documents; false: that is a problem.',
      }),
    ),
    frozen: Type.Optional(Type.Boolean({ default: DEFAULTS.frozen, description: 'true: the frozen tier is searched too.' })),
  },
  closed,
);

/** The common keys of one rule after validation. */
export type CommonKeys = Static<typeof CommonKeys>;
