import type { ErrorObject } from 'ajv';
import { DURATION_PATTERN, durationHint } from '../core/duration.ts';
import { isObject, type JsonSchema, jsonText } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';
import { firstUnits } from '../core/truncate.ts';

/** What a room says in its own way. */
export interface Wording {
  /** How messages show a value that does not fit `schema`; by default `show`. */
  readonly show?: (value: unknown, schema: JsonSchema) => string;
  /** What texts of a pattern are, by the pattern: `expected WHAT, got … (HINT)`. */
  readonly patterns?: Readonly<Record<string, { readonly what: string; readonly hint: string }>>;
}

/** A message and the next step. */
export interface Words {
  readonly message: string;
  readonly hint?: string;
}

/** What one error of ajv says; `data` is the value as it may be quoted. */
export function schemaWords(error: ErrorObject, schema: JsonSchema, data: unknown, wording: Wording): Words {
  const params: Readonly<Record<string, unknown>> = error.params;
  const limit = String(params['limit']);
  const got = (wording.show ?? show)(data, schema);
  switch (error.keyword) {
    case 'type':
    case 'anyOf':
    case 'oneOf':
      return expected(describe(schema), got, hintFor(schema, data, got));
    case 'pattern':
      return data === '' ? expected(describe(schema), got) : pattern(schema, data, got, wording);
    case 'minLength':
      return limit === '1' ? expected(describe(schema), got) : { message: `expected at least ${limit} characters` };
    case 'enum':
    case 'const': {
      const known = error.keyword === 'const' ? [params['allowedValue']] : (params['allowedValues'] as readonly unknown[]);
      const near = typeof data === 'string' ? nearest(data, known.map(String)) : undefined;
      return expected(describe(schema), got, near === undefined ? undefined : `did you mean "${near}"?`);
    }
    case 'minimum':
    case 'maximum':
      return expected(range(schema), got);
    case 'maxLength': {
      const { length } = String(data);
      return { message: `expected at most ${limit} characters${length > Number(limit) ? `, got ${length}` : ''}` };
    }
    case 'minItems':
    case 'minProperties':
      return { message: `expected at least ${limit} ${limit === '1' ? 'entry' : 'entries'}`, ...described(schema) };
    case 'maxItems':
    case 'maxProperties':
      return { message: `expected at most ${limit} ${limit === '1' ? 'entry' : 'entries'}`, ...described(schema) };
    case 'uniqueItems': {
      const [first = 0, second = 0] = [Number(params['i']), Number(params['j'])].sort((a, b) => a - b);
      return { message: `entries ${first + 1} and ${second + 1} are identical`, hint: 'keep one of them' };
    }
    default:
      return { message: error.message ?? 'unexpected here', ...described(schema) };
  }
}

function expected(what: string, got: string, hint?: string): Words {
  return { message: `expected ${what}, got ${got}`, ...(hint === undefined ? {} : { hint }) };
}

function range(schema: JsonSchema): string {
  const { minimum, maximum } = schema;
  if (minimum === undefined) return `at most ${String(maximum)}`;
  if (maximum === undefined) return `at least ${String(minimum)}`;
  return `${own(KINDS, String(schema['type'])) ?? 'a number'} from ${String(minimum)} to ${String(maximum)}`;
}

function pattern(schema: JsonSchema, data: unknown, got: string, { patterns = {} }: Wording): Words {
  const regex = String(schema['pattern']);
  if (regex === DURATION_PATTERN) return expected('a duration', got, durationHint(got === show(data) ? data : undefined));
  const known = own(patterns, regex);
  if (known !== undefined) return expected(known.what, got, known.hint);
  const fitsWithoutBlanks = typeof data === 'string' && new RegExp(regex, 'u').test(data.replace(/\s/g, ''));
  return { message: `${got} is not allowed`, ...(fitsWithoutBlanks ? { hint: 'without blanks' } : described(schema)) };
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'nothing',
};

/** What a schema wants, in words. */
function describe(schema: JsonSchema): string {
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches)) return orList(branches.map((branch: JsonSchema) => describe(branch)));
  if (Array.isArray(schema['enum'])) return orList(schema['enum'].map(String));
  if (schema['const'] !== undefined) return String(schema['const']);
  if (schema['pattern'] === DURATION_PATTERN) return 'a duration';
  const { type } = schema;
  if (Array.isArray(type)) return orList(type.map((name) => own(KINDS, String(name)) ?? String(name)));
  const keys = Object.keys(propertiesOf(schema));
  if (type === 'object' && keys.length > 0 && keys.length <= 4) return `{ ${keys.map((key) => `${key}: …`).join(', ')} }`;
  return own(KINDS, String(type)) ?? 'something else';
}

/** `a, b or c`, each once. */
export function orList(parts: readonly string[]): string {
  const all = [...new Set(parts)];
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

/** The next step for a text that YAML reads as something else. */
export function inQuotes(text: string): string {
  return `put it in quotes: "${text}"`;
}

/** The next step for a value of the wrong kind, where its kind says what happened; it shows no value that `got` hides. */
function hintFor(schema: JsonSchema, data: unknown, got: string): string | undefined {
  const wanted = describe(schema);
  const isShown = got === show(data);
  if (data === null) return described(schema).hint;
  if (wanted.includes('a duration'))
    return typeof data === 'number' && data > 0 && isShown
      ? `with a unit: ${data}s or ${data}m`
      : durationHint(isShown ? data : undefined);
  if (typeof data === 'string' && wanted === 'a list' && isShown) return `write [${data}]`;
  if (wanted.includes('a text') && (typeof data === 'number' || typeof data === 'bigint' || typeof data === 'boolean'))
    return isShown ? inQuotes(String(data)) : 'put it in quotes';
  if (wanted === 'a text' && isObject(data)) return 'put the text in quotes if it starts with "{"';
  return undefined;
}

/** A schema's description as the hint of a problem; nothing where it has none. */
export function described(schema: unknown): { readonly hint?: string } {
  const description = isObject(schema) ? schema['description'] : undefined;
  return typeof description === 'string' ? { hint: description.replace(/\.$/, '') } : {};
}

/** A value as messages show it, cut at 60 characters. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) {
    const keys = Object.keys(value);
    return keys.length > 0 && keys.length <= 3 && keys.join('').length <= 60
      ? `{ ${keys.map((key) => `${key}: …`).join(', ')} }`
      : 'a mapping';
  }
  const text = jsonText(value);
  return text.length > 60 ? `${firstUnits(text, 59)}…${typeof value === 'string' ? '"' : ''}` : text;
}

/** The kind of a value, without its content, which may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'a mapping with other keys';
  return typeof value === 'string' ? 'a text' : 'a number or a flag';
}

/** The schemas of an object schema's keys. */
export function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  return isObject(properties) ? properties : {};
}
