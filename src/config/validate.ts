import { isObject, type JsonSchema } from '../core/json.ts';
import { type SchemaCheck, schemaCheck } from '../yaml/schema-check.ts';
import { propertiesOf, show } from '../yaml/schema-words.ts';
import { withConfigHabits } from './habits.ts';
import { CONFIGS_KEYS } from './receiver-schema.ts';
import type { Report } from './report.ts';
import { configSchema } from './schema.ts';

/** By the sections and the kinds of destinations of a file: to compile the schemas of all of them would take longer than all else of a command. */
const checks = new Map<string, SchemaCheck>();
/** A file that is edited while it is watched has a few forms. */
const CHECKS_KEPT = 20;

function checkOf(value: unknown): SchemaCheck {
  const sections = isObject(value) ? Object.keys(value).sort() : [];
  const used = listsOf(value);
  const key = JSON.stringify([sections, used]);
  const known = checks.get(key) ?? schemaCheck(() => ofSections(configSchema(new Set(used)), sections), { show: guarded });
  if (checks.size >= CHECKS_KEPT) checks.clear();
  checks.set(key, known);
  return known;
}

/** The schema for a file of these sections: of the others, which it does not have, the names alone. */
function ofSections(schema: JsonSchema, sections: readonly string[]): JsonSchema {
  const properties = Object.entries(propertiesOf(schema)).map(([name, section]) => [
    name,
    sections.includes(name) ? section : {},
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** The keys of receivers that list destinations, of kinds that there are. */
function listsOf(value: unknown): readonly string[] {
  const receivers = isObject(value) && Array.isArray(value['receivers']) ? value['receivers'].filter(isObject) : [];
  return CONFIGS_KEYS.filter((key) => receivers.some((receiver) => Object.hasOwn(receiver, key)));
}

/**
 * Holds a configuration against its schema and reports everything that does not fit. `raw` is the value before `${env:…}` was
 * expanded: only that may be quoted, or a secret could reach a message.
 */
export function validate(value: unknown, raw: unknown, report: Report): void {
  report.fromSchema(checkOf(value)(value, raw).map(withConfigHabits));
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
