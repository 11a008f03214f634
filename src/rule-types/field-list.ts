import type { JsonSchema } from '../core/json.ts';
import type { ReadTools } from './rule-type.ts';

/** The schemas of a key that names one field or several. */
export const FIELD_LIST: readonly JsonSchema[] = [
  { type: 'string', minLength: 1, maxLength: 512, pattern: '^\\S+$', description: 'One field.' },
  {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 512, pattern: '^\\S+$', description: 'A field.' },
    minItems: 1,
    maxItems: 10,
    uniqueItems: true,
    description: 'Several fields.',
  },
];

/** The fields that such a key names; what cannot be the name of a field is left out and reported. */
export function readFieldList(value: unknown, key: string, tools: ReadTools): readonly string[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  const fields = given.filter((field): field is string => typeof field === 'string' && field.trim() !== '');
  if (fields.length === 0 || fields.length < given.length)
    tools.problem(key, 'expected a field, or a list of fields', 'such as user.name');
  return fields;
}
