import { type TSchemaOptions, Type } from 'typebox';

/** A mapping whose other keys are errors. */
export const closed = { additionalProperties: false };

/** A text for people, a query or a template. */
export function textKey(description: string, options: TSchemaOptions = {}) {
  return Type.String({ minLength: 1, maxLength: 10_000, description, ...options });
}

/** The name of a field of documents. */
export const fieldKey = (description: string) => Type.String({ minLength: 1, maxLength: 512, pattern: '^\\S+$', description });
