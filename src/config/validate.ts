import { isObject, type JsonSchema } from '../core/json.ts';
import { schemaCheck } from '../yaml/schema-check.ts';
import { show } from '../yaml/schema-words.ts';
import { withConfigHabits } from './habits.ts';
import type { Report } from './report.ts';
import { configSchema } from './schema.ts';

const check = schemaCheck(configSchema, { show: guarded });

/**
 * Holds a configuration against its schema and reports everything that does not fit. `raw` is the value before `${env:…}` was
 * expanded: only that may be quoted, or a secret could reach a message.
 */
export function validate(value: unknown, raw: unknown, report: Report): void {
  report.fromSchema(check(value, raw).map(withConfigHabits));
}

/** Numbers, flags and short plain words are quoted; longer texts only named, for they may be secrets in the wrong place. */
function guarded(value: unknown, schema: JsonSchema): string {
  if (isObject(value)) return 'a mapping';
  // Where keys belong, a text may be the secret that one of them is for.
  if (typeof value === 'string' && holdsKeys(schema)) return 'a text';
  const isSecret = schema['writeOnly'] === true && value !== null && value !== '' && !Array.isArray(value);
  if (typeof value === 'string' && (isSecret || value.length > 24)) return 'another text';
  return isSecret ? 'something else' : show(value);
}

function holdsKeys(schema: unknown): boolean {
  return isObject(schema) && (schema['type'] === 'object' || (schema['type'] === 'array' && holdsKeys(schema['items'])));
}
