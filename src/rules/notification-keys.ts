import { Type } from 'typebox';
import { EVIDENCE_FIELDS } from '../core/printed.ts';
import { DEFAULTS } from './default-values.ts';
import { closed, fieldKey, textKey } from './key-schemas.ts';

const ONE_INDEX_PATTERN = '^[^\\s"\\\\|?#,]+$';

/** What a notification says in the rule's words. */
export const message = Type.Object(
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
