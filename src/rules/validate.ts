import { isObject } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';
import { type SchemaCheck, schemaCheck } from '../yaml/schema-check.ts';
import type { SchemaProblem } from '../yaml/schema-problems.ts';
import { show, type Wording } from '../yaml/schema-words.ts';
import { CommonKeys, IDENTITY_KEYS, NAME_PATTERN } from './common-keys.ts';
import { HABIT_KEYS, habitOf, typeHabitOf } from './habits.ts';
import { defaultsSchema, keyDescription, ownKeys, typeNames, typeSchema, typesWithKey } from './rule-schema.ts';

const WORDING: Wording = {
  patterns: {
    [NAME_PATTERN]: { what: 'a name', hint: 'use printable text without leading or trailing spaces, at most 128 characters' },
  },
};
const checkDefaults = schemaCheck(defaultsSchema, WORDING);
const checks: Readonly<Record<string, SchemaCheck>> = Object.fromEntries(
  typeNames.map((type) => [type, schemaCheck(() => typeSchema(type), WORDING)]),
);

/** Says what is wrong with the keys of one rule by the schema of its type, which is found first. */
export function validateRule(value: unknown): readonly SchemaProblem[] {
  if (!isObject(value)) {
    const hint = Array.isArray(value) ? 'separate rules with --- lines' : 'begin a rule with name: and type:';
    return [invalid([], `expected a rule (a mapping of keys), got ${show(value)}`, hint)];
  }
  const { type } = value;
  const check = typeof type === 'string' ? own(checks, type) : undefined;
  if (check !== undefined) return withHabits(check(value), value, String(type));
  return [typeProblem(value), ...unknownTypeProblems(value)];
}

/** Says what is wrong with a `defaults.yaml`. */
export function validateDefaults(value: unknown): readonly SchemaProblem[] {
  if (!isObject(value)) return [invalid([], `expected keys of rules, got ${show(value)}`, 'such as every: 5m')];
  return withHabits(checkDefaults(value), value, undefined);
}

function invalid(path: SchemaProblem['path'], message: string, hint: string): SchemaProblem {
  return { kind: 'invalid', path, part: 'value', message, hint };
}

function typeProblem(value: Readonly<Record<string, unknown>>): SchemaProblem {
  const { type } = value;
  const known = `known: ${typeNames.join(', ')}`;
  if (!Object.hasOwn(value, 'type')) {
    return { kind: 'missing-key', path: [], part: 'value', message: 'missing key "type"', hint: known };
  }
  const habit = typeof type === 'string' ? typeHabitOf(type) : undefined;
  if (habit !== undefined) return invalid(['type'], `unknown rule type ${show(type)}`, habit);
  const near = typeof type === 'string' ? nearest(type, typeNames) : undefined;
  return invalid(['type'], `unknown rule type ${show(type)}`, near === undefined ? known : `did you mean "${near}"?`);
}

/** Without a type the common keys can still be checked, and a key that no type has is unknown all the same. */
function unknownTypeProblems(value: Readonly<Record<string, unknown>>): readonly SchemaProblem[] {
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'type' && typesWithKey(key).length === 0));
  const problems = withHabits(checkDefaults(rest), value, undefined);
  const unknown = problems.filter((problem) => !(problem.path.length === 1 && IDENTITY_KEYS.includes(String(problem.path[0]))));
  const named = unknown.map(namedHint);
  const meant = new Set(named.map((problem) => problem.meant));
  const missing = CommonKeys.required.filter((key) => key !== 'type' && !Object.hasOwn(value, key) && !meant.has(key));
  return [...named, ...missing.map(missingKey)];
}

/** Defaults have no name and id, rules do: a misspelt one is near to them. */
function namedHint(problem: SchemaProblem): SchemaProblem {
  const [key] = problem.path;
  if (problem.kind !== 'unknown-key' || problem.meant !== undefined || typeof key !== 'string' || habitOf(key) !== undefined)
    return problem;
  const near = nearest(key, [...IDENTITY_KEYS, 'type']);
  return near === undefined ? problem : { ...problem, hint: `did you mean "${near}"?`, meant: near };
}

function missingKey(key: string): SchemaProblem {
  const hint = keyDescription(key).replace(/\.$/, '');
  return { kind: 'missing-key', path: [], part: 'value', message: `missing key "${key}"`, hint };
}

/** The keys of rules of any type, and those that people write who come from other systems. */
export const RULE_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(CommonKeys.properties),
  ...typeNames.flatMap(ownKeys),
  ...HABIT_KEYS,
]);

/** Unknown keys at the top get a better hint where another type has the key, or another system calls it so. */
function withHabits(
  problems: readonly SchemaProblem[],
  rule: Readonly<Record<string, unknown>>,
  type: string | undefined,
): readonly SchemaProblem[] {
  return problems.map((problem) => {
    const [key] = problem.path;
    if (problem.kind !== 'unknown-key' || problem.path.length !== 1 || typeof key !== 'string') return problem;
    const others = typesWithKey(key);
    if (others.length > 0) {
      const where = type === undefined ? ': defaults may contain only keys of every rule' : `, this rule is a ${type}`;
      return { ...problem, message: `the key "${key}" is for rules of type ${others.join(', ')}`, hint: `remove it${where}` };
    }
    const habit = habitOf(key, rule);
    return habit === undefined ? problem : { ...problem, hint: habit };
  });
}
