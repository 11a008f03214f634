import type { ErrorObject } from 'ajv';
import { DURATION_PATTERN } from '../core/duration.ts';
import { isObject, type JsonSchema } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { NAME_PATTERN } from './common-keys.ts';
import type { Path } from './document.ts';

/** What a schema says against a value, in words for people; `part` is what to point at. */
export interface SchemaProblem {
  readonly code: 'rule/unknown-key' | 'rule/missing-key' | 'rule/invalid';
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
  readonly hint?: string;
  /** Of an unknown key: the known one that was most likely meant. */
  readonly meant?: string;
}

/** Errors looked at, and problems given, for one rule: a file of garbage is told of once and not a hundred thousand times. */
const MAX_ERRORS = 2_000;
const MAX_PROBLEMS = 100;

/** Turns ajv's errors (`verbose`, `allErrors`) into problems: of a choice only the branch that was meant, and one problem a place. */
export function schemaProblems(errors: readonly ErrorObject[]): readonly SchemaProblem[] {
  const found = new Map<string, SchemaProblem>();
  for (const error of settleChoices(errors.slice(0, MAX_ERRORS))) {
    const problem = problemOf(error);
    const key = JSON.stringify([problem.path, problem.part, problem.code === 'rule/missing-key' ? problem.message : '']);
    if (!found.has(key)) found.set(key, problem);
  }
  return [...found.values()].filter((problem) => !isMisspelt(problem, found.values())).slice(0, MAX_PROBLEMS);
}

/** A key that is missing because it stands there misspelt is one mistake. */
function isMisspelt({ code, path, message }: SchemaProblem, all: Iterable<SchemaProblem>): boolean {
  if (code !== 'rule/missing-key') return false;
  const beside = [...all].filter((other) => other.code === 'rule/unknown-key' && other.path.length === path.length + 1);
  return beside.some((other) => path.every((part, index) => part === other.path[index]) && message === missing(other.meant ?? ''));
}

function missing(key: string): string {
  return `the key "${key}" is missing`;
}

const CHOICES = new Set(['anyOf', 'oneOf']);
const SHAPE = new Set(['type', 'const', 'enum']);

/** Drops the errors of branches that were not meant; where none was, the error of the choice itself stays. */
function settleChoices(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let rest = errors;
  const choices = errors.filter((error) => CHOICES.has(error.keyword)).sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  for (const choice of choices) {
    if (!rest.includes(choice)) continue;
    const inside = (error: ErrorObject) =>
      error.schemaPath.startsWith(`${choice.schemaPath}/`) && error.instancePath.startsWith(choice.instancePath);
    const meant = meantBranch(choice, rest.filter(inside));
    rest = rest.filter((error) => !inside(error) && error !== choice);
    rest = meant === undefined ? [...rest, choice] : [...rest, ...meant];
  }
  return rest;
}

/** The errors of the branch whose shape fits the value and that has fewest; branches of another shape, or two that fit alike, were not meant. */
function meantBranch(choice: ErrorObject, inside: readonly ErrorObject[]): readonly ErrorObject[] | undefined {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const branch = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? '';
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const fitting = [...branches.values()].filter(
    (branch) => !branch.some((error) => error.instancePath === choice.instancePath && SHAPE.has(error.keyword)),
  );
  const [best, second] = fitting.sort((a, b) => a.length - b.length);
  return best?.length === second?.length ? undefined : best;
}

function problemOf(error: ErrorObject): SchemaProblem {
  const path = pathOf(error.instancePath, error.propertyName);
  const params: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(path, String(params['additionalProperty']), error);
    case 'required': {
      const key = String(params['missingProperty']);
      const hint = described(propertiesOf(error.parentSchema)[key]);
      return { code: 'rule/missing-key', path, part: 'value', message: missing(key), ...hint };
    }
    case 'propertyNames':
      return invalidKey(path, String(params['propertyName']));
    case 'pattern':
      if (error.propertyName !== undefined) return invalidKey(path, error.propertyName);
      break;
    default:
  }
  return { code: 'rule/invalid', path, part: 'value', ...words(error, params) };
}

function invalidKey(path: Path, key: string): SchemaProblem {
  const message = `"${key}" cannot be a name here`;
  const place = path.at(-1) === key ? path : [...path, key];
  return { code: 'rule/invalid', path: place, part: 'key', message, hint: 'letters, digits and "_", a letter first' };
}

function unknownKey(parent: Path, key: string, error: ErrorObject): SchemaProblem {
  const known = Object.keys(propertiesOf(error.parentSchema));
  const near = nearest(key, known);
  const hint = near !== undefined ? `did you mean "${near}"?` : known.length === 0 ? 'remove it' : `known here: ${known.join(', ')}`;
  const meant = near === undefined ? {} : { meant: near };
  return { code: 'rule/unknown-key', path: [...parent, key], part: 'key', message: `unknown key "${key}"`, hint, ...meant };
}

interface Words {
  readonly message: string;
  readonly hint?: string;
}

function words(error: ErrorObject, params: Readonly<Record<string, unknown>>): Words {
  const schema: JsonSchema = error.parentSchema ?? {};
  const limit = String(params['limit']);
  switch (error.keyword) {
    case 'type':
    case 'anyOf':
    case 'oneOf':
      return expected(describe(schema), error.data, hintFor(schema, error.data));
    case 'pattern':
    case 'minLength':
      return error.data === '' ? expected(describe(schema), error.data) : pattern(schema, error.data);
    case 'enum':
    case 'const': {
      const known = error.keyword === 'const' ? [params['allowedValue']] : (params['allowedValues'] as readonly unknown[]);
      const near = typeof error.data === 'string' ? nearest(error.data, known.map(String)) : undefined;
      return expected(describe(schema), error.data, near === undefined ? undefined : `did you mean "${near}"?`);
    }
    case 'minimum':
      return expected(`at least ${limit}`, error.data);
    case 'maximum':
      return expected(`at most ${limit}`, error.data);
    case 'maxLength':
      return { message: `expected at most ${limit} characters, got ${String(error.data).length}` };
    case 'minItems':
    case 'minProperties':
      return { message: `expected at least ${limit} ${limit === '1' ? 'entry' : 'entries'}`, ...described(schema) };
    case 'maxItems':
    case 'maxProperties':
      return { message: `expected at most ${limit} ${limit === '1' ? 'entry' : 'entries'}`, ...described(schema) };
    case 'uniqueItems':
      return { message: `the entries ${Number(params['j']) + 1} and ${Number(params['i']) + 1} are the same`, hint: 'keep one of them' };
    default:
      return { message: error.message ?? 'not what is expected here', ...described(schema) };
  }
}

function expected(what: string, got: unknown, hint?: string): Words {
  return { message: `expected ${what}, got ${show(got)}`, ...(hint === undefined ? {} : { hint }) };
}

function pattern(schema: JsonSchema, data: unknown): Words {
  switch (schema['pattern']) {
    case DURATION_PATTERN:
      return expected('a duration', data, DURATION_HINT);
    case NAME_PATTERN:
      return expected('a name', data, 'letters, digits, blanks and . _ - inside, at most 128 characters');
    default:
      return { message: `${show(data)} cannot stand here`, ...(typeof data === 'string' && /\s/.test(data) ? { hint: 'without blanks' } : described(schema)) };
  }
}

const DURATION_HINT = 'such as 90s, 5m, 1h30m or 7d';

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
  if (Array.isArray(type)) return orList(type.map((name) => KINDS[String(name)] ?? String(name)));
  const keys = Object.keys(propertiesOf(schema));
  if (type === 'object' && keys.length > 0 && keys.length <= 4) return `{ ${keys.map((key) => `${key}: …`).join(', ')} }`;
  return KINDS[String(type)] ?? 'something else';
}

function orList(parts: readonly string[]): string {
  const all = [...new Set(parts)];
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

/** The next step for a value of the wrong kind, where its kind says what happened. */
function hintFor(schema: JsonSchema, data: unknown): string | undefined {
  const wanted = describe(schema);
  if (data === null) return described(schema).hint;
  if (wanted.includes('a duration')) return typeof data === 'number' && data > 0 ? `with a unit: ${data}s or ${data}m` : DURATION_HINT;
  if (typeof data === 'string' && wanted === 'a list') return `write [${data}]`;
  if (wanted.includes('a text') && (typeof data === 'number' || typeof data === 'boolean')) return `put it in quotes: "${String(data)}"`;
  if (wanted === 'a text' && isObject(data)) return 'put a text that begins with "{" in quotes';
  return undefined;
}

function described(schema: unknown): { readonly hint?: string } {
  const description = isObject(schema) ? schema['description'] : undefined;
  return typeof description === 'string' ? { hint: description.replace(/\.$/, '') } : {};
}

/** A value as messages show it, cut at 60 characters. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) {
    const keys = Object.keys(value);
    return keys.length > 0 && keys.length <= 3 && keys.join('').length <= 60 ? `{ ${keys.map((key) => `${key}: …`).join(', ')} }` : 'a mapping';
  }
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…${typeof value === 'string' ? '"' : ''}` : text;
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  return isObject(properties) ? properties : {};
}

/** The path of a JSON pointer; array indices become numbers. */
function pathOf(pointer: string, propertyName: string | undefined): Path {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return propertyName === undefined ? parts : [...parts, propertyName];
}
