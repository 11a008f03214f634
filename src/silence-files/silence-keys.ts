import { type Static, Type } from 'typebox';
import { DURATION_PATTERN } from '../core/duration.ts';
import type { JsonSchema } from '../core/json.ts';

const text = (description: string, more: object = {}) => Type.String({ minLength: 1, maxLength: 2_000, description, ...more });

/** The keys of a silence in a file. */
export const SilenceKeys = Type.Object(
  {
    name: text('Name, unique across all files; listed as `file:NAME`.', {
      maxLength: 128,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    }),
    matchers: Type.Array(text('A matcher.', { examples: ['host.name=~"db-.*"'] }), {
      ...{ minItems: 1, maxItems: 100 },
      description: 'Matchers for the labels of the alerts; all must match.',
    }),
    start: text('Start of the first occurrence, in its time zone.', {
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}$',
      examples: ['2026-01-04T22:00'],
    }),
    timezone: Type.Optional(text('IANA name of the time zone.', { default: 'UTC', examples: ['Europe/Berlin'] })),
    duration: text('Duration of each occurrence; at most a year.', { pattern: DURATION_PATTERN, examples: ['4h'] }),
    recurrence: Type.Optional(
      text('When it recurs: an iCal RRULE (RFC 5545). Default: once.', { examples: ['FREQ=WEEKLY;BYDAY=SU'] }),
    ),
    except: Type.Optional(
      Type.Array(text('A day.', { pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), {
        maxItems: 1_000,
        description: 'Days, in its time zone, on which it does not start.',
      }),
    ),
    comment: text('The reason, shown to your colleagues.'),
    author: Type.Optional(text('Who is responsible. Default: the file.')),
    link: Type.Optional(text('Link to more information, such as a ticket.', { pattern: '^https?://\\S+$' })),
    notify: Type.Optional(text('Receiver to notify when it ends while alerts that it suppressed still fire.')),
  },
  { additionalProperties: false },
);
/** A silence as a file has it. */
export type SilenceKeys = Static<typeof SilenceKeys>;

/** JSON schema of a silence in a file, for editors. */
export function silenceSchema(): JsonSchema {
  const schema: JsonSchema = JSON.parse(JSON.stringify(SilenceKeys));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'silences/*.yaml',
    description: 'A silence planned in a file, once or recurring.',
    ...schema,
  };
}
