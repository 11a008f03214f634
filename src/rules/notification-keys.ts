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
    title: Type.Optional(textKey('Liquid template: one line that says what is wrong.')),
    text: Type.Optional(textKey('Liquid template: what the recipient should know.')),
    resolved_title: Type.Optional(
      textKey('Liquid template: title of the recovery message. Default: the title of the alert as notified.', {
        maxLength: 2_000,
      }),
    ),
    resolved_text: Type.Optional(
      textKey('Liquid template: text of the recovery message; `text` is about the problem and not shown there.'),
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
      textKey('Liquid template: title of a message about several alerts of this rule; `alerts` contains the listed alerts.', {
        maxLength: 2_000,
      }),
    ),
    group_text: Type.Optional(
      textKey('Liquid template: text of a message about several alerts of this rule; `alerts` contains the listed alerts.'),
    ),
    chart: Type.Optional(
      Type.Boolean({ default: true, description: 'Show a chart of the measured values, if the destination supports charts.' }),
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
    runbook: Type.Optional(textKey('Address of the runbook; Liquid is allowed.', { maxLength: 2_000 })),
  },
  { ...closed, description: 'Liquid templates of the notification; omitted keys use Tocsin’s default wording.' },
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
        'KQL: which of the group’s documents are shown and counted. Default: those that the metrics of the breached condition count.',
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
              lines: Type.Optional(
                Type.Integer({ minimum: 1, maximum: 10, description: 'Maximum number of lines shown per alert.' }),
              ),
            },
            closed,
          ),
        ],
        {
          description:
            'Log lines of the sample documents’ traces, errors first: true, false, or where to search and how many to show. Default: `evidence.trace_logs` of tocsin.yaml.',
        },
      ),
    ),
  },
  { ...closed, description: 'Which details of the documents behind an alert are shown.' },
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
            first: durationKey('Time until the first reminder; at least 1s.'),
            factor: Type.Optional(
              Type.Number({
                minimum: 1,
                maximum: 100,
                default: 2,
                description: 'Factor by which the time grows with each reminder.',
              }),
            ),
            max: Type.Optional(durationKey('Maximum time between two reminders.', { default: '1d' })),
          },
          closed,
        ),
      ],
      {
        description:
          'Interval of reminders while an alert fires, at least 1s; { first, factor, max } increases it each time. Default: that of the route.',
      },
    ),
  ),
  escalate: Type.Optional(
    Type.Array(
      Type.Object(
        {
          after: durationKey('Time after the first message about the alert, at least 1s.'),
          receiver: textKey('Name of a receiver of tocsin.yaml.'),
        },
        closed,
      ),
      {
        maxItems: 10,
        description:
          'Additional receivers, notified while an alert fires and no one acknowledges it; earliest step first. Default: those of the route; [] turns it off.',
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
        "Reusable texts that the texts of `message` include by name: `{% render 'NAME' %}`. In `defaults.yaml` they are shared by the rules of a folder.",
    }),
  ),
  evidence: Type.Optional(evidence),
};
