import { isObject, type JsonSchema } from '../core/json.ts';
import { own } from '../core/record.ts';

/** The key that names a file with the secret of another key. */
export function fileKeyOf(key: string): string {
  return `${key}_file`;
}

/** Gives every secret key of an object schema a `KEY_file` variant: one of them where the key was required, never both. */
export function withFileKeys(schema: JsonSchema, secrets: readonly string[]): JsonSchema {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const fileKeys = secrets.map((key) => {
    const description = `File with ${key}, relative to this file; must not be world-readable.`;
    return [fileKeyOf(key), { type: 'string', minLength: 1, description }] as const;
  });
  // `writeOnly` says that a value must not be shown, to editors and to our own messages.
  const hidden = secrets.map((key) => [key, { ...objectOf(own(properties, key)), writeOnly: true }] as const);
  const rules = secrets.flatMap((key) => {
    const both = { not: { required: [key, fileKeyOf(key)] } };
    return required.includes(key) ? [both, { anyOf: [{ required: [key] }, { required: [fileKeyOf(key)] }] }] : [both];
  });
  return {
    ...schema,
    properties: { ...properties, ...Object.fromEntries(hidden), ...Object.fromEntries(fileKeys) },
    required: required.filter((key) => !secrets.includes(key)),
    ...(rules.length === 0 ? {} : { allOf: rules }),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
