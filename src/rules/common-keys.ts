import { type Static, Type } from 'typebox';
import type { JsonObject } from '../core/json.ts';
import { DEFAULTS } from './defaults.ts';
import { closed, durationKey, fieldKey, NAME_LENGTH, severityKey, textKey } from './key-schemas.ts';
import { NOTIFIED } from './notification-keys.ts';

/** What no name holds: control characters, half characters, and marks that turn the direction of a text or are not seen. */
const UNSEEN = '\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\u200B\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u206F\\uFEFF';

/** Names of rules: any printable text that neither begins nor ends with a blank. */
export const NAME_PATTERN = `^[^\\s${UNSEEN}](?:[^${UNSEEN}]*[^\\s${UNSEEN}])?$`;

/** Names of indices, data streams, aliases and patterns, with an optional cluster; several may be joined by commas. */
const INDEX_PATTERN = '^[^\\s"\\\\|?#,]+(?:,[^\\s"\\\\|?#,]+)*$';

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
  { description: 'Which documents to select: KQL, or { lucene: … } or { dsl: … }. Default: all documents.' },
);

const condition = (description: string) =>
  Type.String({ minLength: 1, maxLength: 4_000, description, examples: ['count >= 5', 'used / limit > 0.9'] });

const levels = Type.Array(
  Type.Object(
    { severity: severityKey, condition: condition('When this level is reached: CEL over the variables of the rule’s type.') },
    closed,
  ),
  {
    minItems: 1,
    maxItems: 10,
    description: 'Several severities, worst first, each with its condition; replaces `condition`.',
  },
);

const flapping = Type.Union(
  [
    Type.Literal('off', { description: 'Every episode is notified.' }),
    Type.Object(
      {
        episodes: Type.Optional(
          Type.Integer({
            ...{ minimum: 2, maximum: 100, default: DEFAULTS.flapping.episodes },
            description: 'How many episodes of one alert count as flapping.',
          }),
        ),
        within: Type.Optional(
          durationKey('The period in which the episodes are counted; at least 1s.', { default: DEFAULTS.flapping.within }),
        ),
        steady: Type.Optional(
          durationKey(
            'How long no episode may start or end until the alert is steady, at least 1s. Default: `within` / (`episodes` − 1), which is 20m with the other defaults.',
          ),
        ),
      },
      closed,
    ),
  ],
  {
    description:
      'When an alert counts as flapping. Flapping is notified once; after that only worse levels are, until the alert is steady. Enabled with its defaults unless `off`.',
  },
);

/** Which rule it is. */
const IDENTITY = {
  name: Type.String({
    pattern: NAME_PATTERN,
    maxLength: NAME_LENGTH,
    description: 'Unique name of the rule; the label `alertname` of its alerts.',
  }),
  id: Type.Optional(
    Type.String({
      pattern: NAME_PATTERN,
      maxLength: NAME_LENGTH,
      description: 'ID of the rule, if different from its name. Set it to the old name to rename a rule and keep its alerts.',
    }),
  ),
  description: Type.Optional(textKey('Description of the rule, shown in messages.')),
};

/** What is measured, when, and what is bad. */
const MEASURED = {
  type: Type.String({ description: 'What is measured.' }),
  index: Type.Union(
    [
      Type.String({ pattern: INDEX_PATTERN, maxLength: 4_000, description: 'A data stream, index, alias or pattern.' }),
      Type.Array(
        Type.String({ pattern: INDEX_PATTERN, maxLength: 1_000, description: 'A data stream, index, alias or pattern.' }),
        {
          ...{ minItems: 1, maxItems: 100, uniqueItems: true, description: 'Several.' },
        },
      ),
    ],
    {
      description: 'Data streams, indices or patterns to search, such as traces-* or cluster:pattern; one or a list.',
      examples: ['traces-*'],
    },
  ),
  query: Type.Optional(query),
  time_field: Type.Optional(
    Type.String({
      minLength: 1,
      default: DEFAULTS.time_field,
      description: 'The date or date_nanos field used for windows.',
    }),
  ),
  group_by: Type.Optional(
    Type.Array(fieldKey('A field; each of its values is a group with its own alert.'), {
      ...{ minItems: 1, maxItems: 10, uniqueItems: true },
      description: 'Fields to group documents by; each group has its own alert. Default: one group.',
    }),
  ),
  missing: Type.Optional(
    Type.Enum(['exclude', 'include'], {
      default: DEFAULTS.missing,
      description:
        'Documents without a group_by field: `exclude` leaves them out and counts them, `include` puts them in a separate group.',
    }),
  ),
  max_groups: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: DEFAULTS.max_groups,
      description: 'Maximum number of groups per evaluation; groups beyond it are unknown.',
    }),
  ),
  every: Type.Optional(
    durationKey('Evaluation interval, at least 1s; evaluations are at multiples of it since 1970-01-01T00:00Z.', {
      default: DEFAULTS.every,
    }),
  ),
  schedule: Type.Optional(
    textKey('When the rule is evaluated, as a cron pattern of five fields; replaces `every`.', {
      examples: ['*/5 8-18 * * 1-5'],
    }),
  ),
  timezone: Type.Optional(textKey('IANA time zone of `schedule`.', { default: DEFAULTS.timezone, examples: ['Europe/Berlin'] })),
  window: Type.Optional(durationKey('Length of the time range of one evaluation; at least 1s.', { default: DEFAULTS.window })),
  delay: Type.Optional(
    durationKey('How long documents may take to arrive: the window ends this long before the tick.', { default: DEFAULTS.delay }),
  ),
  condition: Type.Optional(condition('When the value is bad: CEL over the variables of the rule’s type.')),
  levels: Type.Optional(levels),
};

/** The life of its alerts. */
const LIFE = {
  recover: Type.Optional(condition('When the value is good again: CEL. Default: as soon as the condition is false.')),
  for: Type.Optional(
    Type.Union(
      [
        durationKey('A length of time.'),
        Type.Object(
          {
            breaches: Type.Integer({ minimum: 1, maximum: 100, description: 'How many of the last evaluations must be bad.' }),
            of: Type.Integer({ minimum: 1, maximum: 100, description: 'How many past evaluations to consider.' }),
          },
          closed,
        ),
      ],
      {
        default: DEFAULTS.for,
        description: 'How long the value must be bad before the alert fires, or { breaches: 3, of: 5 } evaluations.',
      },
    ),
  ),
  keep_firing_for: Type.Optional(
    durationKey('How long the value must be good before the alert is resolved; also how long before a lower level applies.', {
      default: DEFAULTS.keep_firing_for,
    }),
  ),
  no_data: Type.Optional(
    Type.Enum(['resolve', 'keep', 'alert'], {
      default: DEFAULTS.no_data,
      description:
        'What happens to the alert of a group without documents, if the rule measures more than counts: resolve, keep, or alert.',
    }),
  ),
  no_data_after: Type.Optional(durationKey('How long a group must be without documents for `no_data`. Default: the window.')),
  forget_after: Type.Optional(
    durationKey('With `no_data: alert`: how long a group without documents is remembered; at least 1s.', {
      default: DEFAULTS.forget_after,
    }),
  ),
  settle: Type.Optional(
    durationKey('Grace period for new groups, in which they are not evaluated.', { default: DEFAULTS.settle }),
  ),
  flapping: Type.Optional(flapping),
  outage_hold: Type.Optional(
    Type.Union([Type.Literal('off', { description: 'Each group is reported by itself.' }), durationKey('A length of time.')], {
      ...{
        default: DEFAULTS.outage_hold,
        description:
          'How long alerts of groups are held back in favour of one message while no document at all arrives in `index`, at least 1s; `off` disables it.',
      },
    }),
  ),
  revisit: Type.Optional(
    Type.Union([Type.Literal('off', { description: 'Windows are evaluated once.' }), durationKey('How far back.')], {
      ...{
        default: DEFAULTS.revisit,
        description: 'How far back windows are evaluated again for late documents, at least 1s; `off`: never.',
      },
    }),
  ),
  catch_up: Type.Optional(
    durationKey('How far back missed windows are evaluated after a downtime; older ones are recorded as a gap.', {
      default: DEFAULTS.catch_up,
    }),
  ),
  error_after: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: DEFAULTS.error_after,
      description: 'How many evaluations in a row must fail to raise a health alert.',
    }),
  ),
};

/** How it is operated. */
const OPERATED = {
  enabled: Type.Optional(
    Type.Boolean({
      default: DEFAULTS.enabled,
      description:
        'false pauses the rule: it is not evaluated or notified, and its state is kept. When enabled again, it starts with the newest window.',
    }),
  ),
  timeout: Type.Optional(durationKey('Timeout of one search.', { default: DEFAULTS.timeout })),
  ignore_missing_index: Type.Optional(
    Type.Boolean({
      default: DEFAULTS.ignore_missing_index,
      description: 'true: a missing index counts as no documents; false: it is an error.',
    }),
  ),
  frozen: Type.Optional(Type.Boolean({ default: DEFAULTS.frozen, description: 'true: also search the frozen tier.' })),
};

/** The keys of every rule, whatever its type; JSON schema and TypeScript type in one. */
export const CommonKeys = Type.Object({ ...IDENTITY, ...MEASURED, ...LIFE, ...NOTIFIED, ...OPERATED }, closed);

/** The keys that only a rule itself can have, not the defaults of a folder. */
export const IDENTITY_KEYS: readonly string[] = Object.keys(IDENTITY);

/** The keys that say nothing about what a rule measures: a change of them leaves its definition as it was. */
export const UNMEASURED_KEYS: ReadonlySet<string> = new Set(Object.keys({ ...IDENTITY, ...NOTIFIED }));

/** The keys of which `event-advice.ts` says what they are to events. */
export type AlertKey = keyof typeof LIFE | keyof typeof NOTIFIED;

/** The common keys of one rule after validation. */
export type CommonKeys = Static<typeof CommonKeys>;
