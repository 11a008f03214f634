import { Ajv, type ErrorObject } from 'ajv';
import { DURATION_PATTERN } from '../core/duration.ts';
import { isObject, type JsonSchema } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import type { Report } from './report.ts';
import type { Path } from './yaml-source.ts';

/**
 * Holds a value against a schema and reports everything that does not fit, in people's words. `raw` is the value before
 * `${env:…}` was expanded: only that may be quoted, or a secret could reach a message.
 */
export function validate(schema: JsonSchema, value: unknown, raw: unknown, report: Report): void {
  const check = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(schema);
  if (check(value)) return;
  for (const error of check.errors ?? []) {
    // What an alternative says for itself is summed up by the alternative's own error.
    if (/\/(?:anyOf|not)\/./.test(error.schemaPath)) continue;
    if (error.keyword === 'additionalProperties') reportUnknownKey(error, raw, report);
    else if (error.keyword === 'required') reportMissing(error, raw, report);
    else reportMisfit(error, raw, report);
  }
}

function pathOf(error: ErrorObject, value: unknown): Path {
  let inside = value;
  const steps = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.map((step) => {
    const index = Array.isArray(inside) ? Number(step) : step;
    inside = Array.isArray(inside) ? inside[Number(step)] : isObject(inside) ? inside[step] : undefined;
    return index;
  });
}

function reportUnknownKey(error: ErrorObject, raw: unknown, report: Report): void {
  const key = String(error.params['additionalProperty']);
  const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
  const near = nearest(key, known);
  const hint =
    near !== undefined
      ? `did you mean ${near}?`
      : known.length === 0
        ? 'there are no keys here'
        : `known are ${known.join(', ')}`;
  report.error('config/unknown-key', [...pathOf(error, raw), key], 'unknown key', hint, 'key');
}

function reportMissing(error: ErrorObject, raw: unknown, report: Report): void {
  const key = String(error.params['missingProperty']);
  const schema = (error.parentSchema?.['properties'] as Record<string, JsonSchema> | undefined)?.[key];
  report.error('config/missing-key', pathOf(error, raw), `${key} is missing`, schema?.['description'] as string | undefined);
}

function reportMisfit(error: ErrorObject, raw: unknown, report: Report): void {
  const path = pathOf(error, raw);
  const schema: JsonSchema = isObject(error.parentSchema) ? error.parentSchema : {};
  if (error.keyword === 'not') {
    const keys = (schema['not'] as { readonly required?: readonly string[] } | undefined)?.required ?? [];
    report.error('config/both', path, `${keys.join(' and ')} exclude each other`, 'keep one of them');
  } else if (error.keyword === 'anyOf' && alternatives(schema).every((one) => one['type'] === undefined)) {
    const keys = alternatives(schema).flatMap((one) => (Array.isArray(one['required']) ? one['required'].map(String) : []));
    report.error('config/missing-key', path, `${keys.join(' or ')} is missing`);
  } else {
    const description = error.keyword === 'pattern' && !isDuration(schema) ? schema['description'] : undefined;
    const hint = typeof description === 'string' ? description : nearestOf(at(raw, path), schema['enum']);
    report.error('config/value', path, `expected ${expected(schema)}, got ${shown(at(raw, path), schema)}`, hint);
  }
}

function nearestOf(value: unknown, known: unknown): string | undefined {
  const near = typeof value === 'string' && Array.isArray(known) ? nearest(value, known.map(String)) : undefined;
  return near === undefined ? undefined : `did you mean ${near}?`;
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return Array.isArray(schema['anyOf']) ? schema['anyOf'].filter(isObject) : [];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'keys and values',
  array: 'a list',
};

function expected(schema: JsonSchema): string {
  if (isDuration(schema)) return 'a duration such as 90s, 5m, 1h30m or 7d';
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].join(', ')}`;
  if (Array.isArray(schema['anyOf'])) return alternatives(schema).map(expected).join(' or ');
  const bounds = [schema['minimum'], schema['maximum']];
  if (bounds.some((bound) => bound !== undefined))
    return `${TYPES[String(schema['type'])] ?? 'a number'} from ${bounds.join(' to ')}`;
  if (Array.isArray(schema['examples'])) return `a text like ${String(schema['examples'][0])}`;
  if (Number(schema['minLength'] ?? 0) > 1) return `a text of at least ${schema['minLength']} characters`;
  const name = TYPES[String(schema['type'])] ?? 'something else';
  return schema['minLength'] === 1 || schema['minItems'] === 1 ? `${name} that is not empty` : name;
}

function isDuration(schema: JsonSchema): boolean {
  return schema['pattern'] === DURATION_PATTERN;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)];
    return isObject(inner) ? inner[String(step)] : undefined;
  }, value);
}

/** Numbers, flags and short plain words are quoted; longer texts only named, for they may be secrets in the wrong place. */
function shown(value: unknown, schema: JsonSchema): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'keys and values';
  if (typeof value === 'string' && value !== '') {
    return value.length <= 24 && schema['writeOnly'] !== true ? JSON.stringify(value) : 'another text';
  }
  if (value === '') return 'an empty text';
  if (schema['writeOnly'] === true) return 'something else';
  return String(value);
}
