import { Type } from 'typebox';
import { EVIDENCE_FIELDS } from '../core/printed.ts';
import { DEFAULTS } from './defaults.ts';
import { closed, durationKey, fieldKey, NAME_LENGTH, severityKey, textKey } from './key-schemas.ts';

/** Names of labels; dots are allowed because the fields of `group_by` are labels too. */
const LABEL_PATTERN = '^[A-Za-z_][A-Za-z0-9_.]*$';

const ONE_INDEX_PATTERN = '^[^\\s"\\\\|?#,]+$';

/** What a notification says in the rule's words. */
const message = Type.Object(
  {
    title: Type.Optional(textKey('Liquid text: one line that says what is wrong.')),
    text: Type.Optional(textKey('Liquid text: what the reader should know.')),
    resolved_title: Type.Optional(
      textKey('Liquid text: the title of the message about the end; the title of the alert as it was notified unless given.', {
        maxLength: 2_000,
      }),
    ),
    resolved_text: Type.Optional(
      textKey('Liquid text: what the message about the end says; `text` is about the problem and is not shown then.'),
    ),
    timezone: Type.Optional(
      textKey(
        'IANA time zone of times in the message, if neither the receiver nor the route has one. Default: `timezone` of the rule, then UTC.',
        {
          maxLength: 100,
          examples: ['Europe/Berlin'],
        },
      ),
    ),
    group_title: Type.Optional(
      textKey('Liquid text: the title of a message about several alerts of this rule; `alerts` are those that it lists.', {
        maxLength: 2_000,
      }),
    ),
    group_text: Type.Optional(
      textKey('Liquid text: what a message about several alerts of this rule says; `alerts` are those that it lists.'),
    ),
    chart: Type.Optional(
      Type.Boolean({ default: true, description: 'Show a chart of what was measured, where the destination shows charts.' }),
    ),
    links: Type.Optional(
      Type.Unsafe<Readonly<Record<string, string>>>({
        type: 'object',
        description: 'Links of the message by their labels, such as a dashboard; Liquid is allowed in the addresses.',
        propertyNames: { pattern: '^\\S(?:.*\\S)?$', maxLength: 60 },
        additionalProperties: textKey('Address, with https:// or http://.', { maxLength: 2_000 }),
        minProperties: 1,
        maxProperties: 5,
      }),
    ),
    runbook: Type.Optional(textKey('Address of what to do about it; Liquid is allowed.', { maxLength: 2_000 })),
  },
  { ...closed, description: 'Liquid texts of the notification; what is left out is notified in Tocsin’s own words.' },
);

/** What a notification shows of the documents. */
const evidence = Type.Object(
  {
    fields: Type.Optional(
      Type.Array(fieldKey('A field of the documents.'), {
        ...{ maxItems: EVIDENCE_FIELDS, uniqueItems: true, default: [...DEFAULTS.evidence.fields] },
        description: `Fields of sample documents to show; those a document does not have are left out. Patterns such as \`*\` or \`http.*\` show at most ${EVIDENCE_FIELDS} fields.`,
      }),
    ),
    query: Type.Optional(
      textKey(
        'KQL: which of the group’s documents are shown and counted; those that the metrics of the breached condition count unless given.',
        { maxLength: 20_000 },
      ),
    ),
    samples: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10,
        default: DEFAULTS.evidence.samples,
        description: 'How many sample documents to show, newest first.',
      }),
    ),
    top: Type.Optional(
      Type.Array(fieldKey('A field whose values are counted.'), {
        ...{ maxItems: 5, uniqueItems: true, default: [] },
        description: 'Fields whose most frequent values among the documents are shown.',
      }),
    ),
    logs: Type.Optional(
      Type.Union(
        [
          Type.Boolean(),
          Type.Object(
            {
              indices: Type.Optional(
                Type.Array(Type.String({ minLength: 1, pattern: ONE_INDEX_PATTERN }), {
                  ...{ minItems: 1, maxItems: 20, uniqueItems: true },
                  description: 'Data streams and patterns that hold the logs, e.g. `logs-shop-*`.',
                }),
              ),
              lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: 'Most lines shown for one alert.' })),
            },
            closed,
          ),
        ],
        {
          description:
            'Lines that the traces of the sample documents left in the logs, errors first: true, false, or where and how many. As `evidence.trace_logs` of tocsin.yaml unless given.',
        },
      ),
    ),
  },
  { ...closed, description: 'What is shown of the documents behind an alert.' },
);

const intervals = (description: string) =>
  Type.Array(textKey('Name of a time interval.'), { minItems: 1, maxItems: 100, uniqueItems: true, description });

/** Who is notified of it, how often, and what messages say. */
export const NOTIFIED = {
  labels: Type.Optional(
    Type.Unsafe<Readonly<Record<string, string>>>({
      ...{ type: 'object', propertyNames: { pattern: LABEL_PATTERN, maxLength: NAME_LENGTH }, maxProperties: 50 },
      additionalProperties: { type: 'string', minLength: 1, maxLength: 1_000, description: 'Value of the label.' },
      properties: { severity: { ...severityKey, default: DEFAULTS.severity } },
      description: 'Labels of the rule’s alerts, matched by routes and silences. Default of `severity`: `warning`.',
    }),
  ),
  receivers: Type.Optional(
    Type.Array(textKey('Name of a receiver of tocsin.yaml.'), {
      ...{ minItems: 1, maxItems: 20, uniqueItems: true },
      description: 'Receivers to notify; replaces the routing tree.',
    }),
  ),
  send_resolved: Type.Optional(
    Type.Boolean({
      description:
        'Whether receivers are notified when an alert ends. Default: true, except for `new_term`, which has no recovery.',
    }),
  ),
  group_wait: Type.Optional(durationKey('How long the first message waits for more alerts. Default: that of the route.')),
  group_interval: Type.Optional(durationKey('Minimum time between messages about changes. Default: that of the route.')),
  repeat_interval: Type.Optional(
    Type.Union(
      [
        durationKey('A length of time.'),
        Type.Object(
          {
            first: durationKey('Until the first reminder; at least 1s.'),
            factor: Type.Optional(
              Type.Number({ minimum: 1, maximum: 100, default: 2, description: 'How much longer each next one takes.' }),
            ),
            max: Type.Optional(durationKey('The longest time between two.', { default: '1d' })),
          },
          closed,
        ),
      ],
      {
        description:
          'Interval of reminders while an alert fires, at least 1s; { first, factor, max } makes it grow. Default: that of the route.',
      },
    ),
  ),
  escalate: Type.Optional(
    Type.Array(
      Type.Object(
        {
          after: durationKey('How long after the first message about the alert, at least 1s.'),
          receiver: textKey('Name of a receiver of tocsin.yaml.'),
        },
        closed,
      ),
      {
        maxItems: 10,
        description:
          'Receivers that are notified too while an alert fires and no one acknowledges it, the earliest first. Default: those of the route; [] turns it off.',
      },
    ),
  ),
  mute_time_intervals: Type.Optional(
    intervals('Time intervals of tocsin.yaml in which alerts of this rule are not notified, in addition to those of the route.'),
  ),
  active_time_intervals: Type.Optional(
    intervals('Time intervals of tocsin.yaml outside of which alerts of this rule are not notified.'),
  ),
  message: Type.Optional(message),
  partials: Type.Optional(
    Type.Unsafe<Readonly<Record<string, string>>>({
      ...{ type: 'object', propertyNames: { pattern: '^[a-z][a-z0-9_-]*$', maxLength: 60 }, minProperties: 1, maxProperties: 50 },
      additionalProperties: textKey('Liquid text.'),
      description:
        "Texts that the texts of `message` contain by their names: `{% render 'NAME' %}`. In `defaults.yaml` the rules of a folder share them.",
    }),
  ),
  evidence: Type.Optional(evidence),
};
