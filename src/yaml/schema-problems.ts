import type { ErrorObject } from 'ajv';
import { isObject, type JsonSchema } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';
import type { Fault } from './codes.ts';
import { type Path, pathOfPointer, valueAt } from './path.ts';
import { described, orList, propertiesOf, schemaWords, type Wording } from './schema-words.ts';

/** What a schema says against a value, in words for people; `part` is what to point at. */
export interface SchemaProblem {
  readonly kind: Exclude<Fault, 'yaml' | 'too-large' | 'duplicate-key'>;
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
  readonly hint?: string;
  /** Of an unknown key: the known one that was most likely intended. */
  readonly meant?: string;
}

/** The value that was held against a schema, and the same as it may be quoted. */
export interface CheckedValue {
  readonly value: unknown;
  readonly quoted: unknown;
}

/** Errors looked at, and problems given, for one document: a file of garbage is notified of once and not a hundred thousand times. */
const MAX_ERRORS = 2_000;
const MAX_PROBLEMS = 100;

/**
 * Turns ajv's errors (`verbose`, `allErrors`) into problems: of a choice only the branch that was meant, and one problem a place.
 */
export function schemaProblems(
  errors: readonly ErrorObject[],
  checked: CheckedValue,
  wording: Wording,
): readonly SchemaProblem[] {
  const found = new Map<string, SchemaProblem>();
  for (const error of settleChoices(errors.slice(0, MAX_ERRORS).filter(isAboutWhatIsThere))) {
    const problem = problemOf(error, checked, wording);
    const several = problem.kind === 'missing-key' || problem.kind === 'exclusive';
    const key = JSON.stringify([problem.path, problem.part, several ? problem.message : '']);
    if (!found.has(key)) found.set(key, problem);
  }
  return [...found.values()].filter((problem) => !isMisspelt(problem, found.values())).slice(0, MAX_PROBLEMS);
}

/** A schema that forbids two keys together also refuses values that are not mappings: there are no keys to report. */
function isAboutWhatIsThere({ keyword, data, parentSchema }: ErrorObject): boolean {
  return keyword !== 'not' || isObject(data) || requiredOf(parentSchema?.['not']).length === 0;
}

/** A key that is missing because it is misspelt is one mistake. */
function isMisspelt({ kind, path, message }: SchemaProblem, all: Iterable<SchemaProblem>): boolean {
  if (kind !== 'missing-key') return false;
  const beside = [...all].filter((other) => other.kind === 'unknown-key' && other.path.length === path.length + 1);
  return beside.some(
    (other) => path.every((part, index) => part === other.path[index]) && message === missing([other.meant ?? '']),
  );
}

function missing(keys: readonly string[]): string {
  return `the key ${orList(keys.map((key) => `"${key}"`))} is missing`;
}

function problemOf(error: ErrorObject, { value, quoted }: CheckedValue, wording: Wording): SchemaProblem {
  const parent = pathOfPointer(value, error.instancePath);
  const path = error.propertyName === undefined ? parent : [...parent, error.propertyName];
  const params: Readonly<Record<string, unknown>> = error.params;
  const schema: JsonSchema = error.parentSchema ?? {};
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(path, String(params['additionalProperty']), schema);
    case 'required': {
      const key = String(params['missingProperty']);
      return { kind: 'missing-key', path, part: 'value', message: missing([key]), ...described(own(propertiesOf(schema), key)) };
    }
    case 'anyOf': {
      const keys = keysOfChoice(schema);
      if (keys.length > 0) return { kind: 'missing-key', path, part: 'value', message: missing(keys) };
      break;
    }
    case 'not': {
      const message = `${requiredOf(schema['not'])
        .map((key) => `"${key}"`)
        .join(' and ')} exclude each other`;
      return { kind: 'exclusive', path, part: 'value', message, hint: 'keep one of them' };
    }
    case 'propertyNames':
      return invalidKey(path, String(params['propertyName']));
    case 'pattern':
      if (error.propertyName !== undefined) return invalidKey(path, error.propertyName);
      break;
    default:
  }
  // Not the data of the error: an integer beyond 2^53 was rounded for the check.
  const data: unknown = error.propertyName !== undefined ? error.data : valueAt(quoted, path);
  return { kind: 'invalid', path, part: 'value', ...schemaWords(error, schema, data, wording) };
}

/** The keys of a choice between different keys. */
function keysOfChoice(schema: JsonSchema): readonly string[] {
  const branches: readonly unknown[] = Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
  const isAboutKeys = (branch: unknown) => isObject(branch) && Object.keys(branch).join() === 'required';
  return branches.every(isAboutKeys) ? branches.flatMap(requiredOf) : [];
}

function requiredOf(schema: unknown): readonly string[] {
  const required = isObject(schema) ? schema['required'] : undefined;
  return Array.isArray(required) ? required.map(String) : [];
}

function invalidKey(path: Path, key: string): SchemaProblem {
  const message = `invalid name "${key}"`;
  const place = path.at(-1) === key ? path : [...path, key];
  return { kind: 'invalid', path: place, part: 'key', message, hint: 'use letters, digits and "_", starting with a letter' };
}

function unknownKey(parent: Path, key: string, schema: JsonSchema): SchemaProblem {
  const known = Object.keys(propertiesOf(schema));
  const near = nearest(key, known);
  const hint =
    near !== undefined ? `did you mean "${near}"?` : known.length === 0 ? 'remove it' : `known here: ${known.join(', ')}`;
  const meant = near === undefined ? {} : { meant: near };
  return { kind: 'unknown-key', path: [...parent, key], part: 'key', message: `unknown key "${key}"`, hint, ...meant };
}

const CHOICES = new Set(['anyOf', 'oneOf']);
const SHAPE = new Set(['type', 'const', 'enum']);

/**
 * Of ajv's errors about a choice (`anyOf`, `oneOf`) leaves those of the branch that was meant; where none was, the error of the
 * choice itself.
 */
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

/**
 * The errors of the branch whose shape fits the value and that has fewest; branches of another shape, or two that fit alike, were
 * not meant.
 */
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
