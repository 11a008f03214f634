import { Type } from 'typebox';
import { EVIDENCE_FIELDS } from '../core/printed.ts';
import { DEFAULTS } from './default-values.ts';
import { closed, fieldKey, textKey } from './key-schemas.ts';

const ONE_INDEX_PATTERN = '^[^\\s"\\\\|?#,]+$';

/** What a notification says in the rule's words. */
export const message = Type.Object(
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
export const evidence = Type.Object(
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
