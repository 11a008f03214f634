import { type TSchemaOptions, Type } from 'typebox';
import { DURATION_PATTERN } from '../core/duration.ts';

/** A mapping whose other keys are errors. */
export const closed = { additionalProperties: false };

/** A text for people, a query or a template. */
export function textKey(description: string, options: TSchemaOptions = {}) {
  return Type.String({ minLength: 1, maxLength: 10_000, description, ...options });
}

/** The name of a field of documents. */
export const fieldKey = (description: string) => Type.String({ minLength: 1, maxLength: 512, pattern: '^\\S+$', description });

/** Longest name of a rule or a label, characters. */
export const NAME_LENGTH = 128;

/** A length of time. */
export function durationKey(description: string, options: TSchemaOptions = {}) {
  return Type.String({
    minLength: 1,
    pattern: DURATION_PATTERN,
    description,
    examples: ['90s', '5m', '1h30m', '7d'],
    ...options,
  });
}

/** The severity of a rule or of a level. */
export const severityKey = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
  maxLength: 64,
  description: 'Severity, such as critical, error, warning or info: the label used for routing and colors.',
});
