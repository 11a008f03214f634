import { TypeError as CelTypeError, type Environment, ParseError, type ParseResult } from '@marcbachmann/cel-js';
import { asError } from '../core/errors.ts';
import { readInteger } from '../core/integers.ts';
import { own, put } from '../core/record.ts';
import { article, syntaxComplaint, typeComplaint } from './complaint.ts';
import type { Condition, ConditionValues, Variables, Verdict } from './condition.ts';
import { type Logic, logicOf } from './logic.ts';
import { Num, numberEnvironment } from './numbers.ts';
import { type Refusal, refusal } from './refusal.ts';
import { holdToSubset } from './subset.ts';

/** A compiled condition with the variables it uses and what can be known of it without values, or why the text is invalid. */
export type CompiledCondition =
  | { readonly ok: true; readonly condition: Condition; readonly uses: readonly string[]; readonly logic: Logic }
  | Refusal;

const MAX_LENGTH = 4_000;
const BASE = numberEnvironment();

/**
 * Compiles a CEL condition over declared variables. Whatever can be known without values is refused here, with the 0-based offset
 * of the offending word: syntax, unknown names, a string compared to a number, a result that is not true or false.
 */
export function compileCondition(text: string, variables: Variables): CompiledCondition {
  if (text.trim() === '') return refusal('empty condition', 0, 'for example `count > 5`');
  if (text.length > MAX_LENGTH) return refusal(`a condition may have at most ${MAX_LENGTH} characters`, MAX_LENGTH);
  const parsed = parse(text, variables);
  if ('ok' in parsed) return parsed;
  const walked = holdToSubset(parsed.ast, variables);
  if (!walked.ok) return walked;
  const { valid, type, error } = parsed.check();
  if (!valid) return error === undefined ? refusal('incompatible types', 0) : typeComplaint(error);
  if (type !== 'bool') {
    const start = parsed.ast.start;
    return refusal(
      `a condition must be true or false, this is ${article(type ?? 'value')}`,
      start,
      'compare it, as in `count > 5`',
    );
  }
  const { uses } = walked;
  const evaluated = (values: ConditionValues) => evaluate(parsed, uses, variables, values);
  const condition = { text, evaluate: remembering(uses, evaluated) };
  return { ok: true, uses, condition, logic: logicOf(parsed.ast) };
}

function parse(text: string, variables: Variables): ParseResult | Refusal {
  try {
    return environment(variables).parse(text);
  } catch (thrown) {
    if (thrown instanceof ParseError || thrown instanceof CelTypeError) return syntaxComplaint(thrown as ParseError, text);
    return refusal(`invalid condition: ${asError(thrown).message}`, 0);
  }
}

function environment(variables: Variables): Environment {
  const env = BASE.clone();
  for (const [name, type] of Object.entries(variables)) env.registerVariable(name, type);
  return env;
}

/** Verdicts that are kept of one condition. */
const VERDICTS_KEPT = 1_000;

/** A condition over one number, such as a count, meets few numbers, each of them again in nearly every window: it is evaluated once for each. */
function remembering(uses: readonly string[], evaluated: Condition['evaluate']): Condition['evaluate'] {
  const [name, ...others] = uses;
  if (name === undefined || others.length > 0) return evaluated;
  const verdicts = new Map<number, Verdict>();
  return (values) => {
    const value = own(values, name);
    // A map takes -0 for 0, which a quotient does not.
    if (typeof value !== 'number' || Object.is(value, -0)) return evaluated(values);
    const known = verdicts.get(value);
    if (known !== undefined) return known;
    if (verdicts.size >= VERDICTS_KEPT) verdicts.clear();
    const verdict = evaluated(values);
    verdicts.set(value, verdict);
    return verdict;
  };
}

function evaluate(parsed: ParseResult, uses: readonly string[], variables: Variables, values: ConditionValues): Verdict {
  try {
    const result: unknown = parsed(scope(uses, variables, values));
    return { kind: result === true ? 'true' : 'false' };
  } catch (thrown) {
    return { kind: 'unknown', because: reason(thrown) };
  }
}

/** A missing value is an error of the place that reads it, so that `false && missing > 1` stays false: its getter throws. */
function scope(uses: readonly string[], variables: Variables, values: ConditionValues): object {
  const named: Record<string, unknown> = Object.create(null);
  for (const name of uses) {
    const type = own(variables, name) ?? 'number';
    const value = own(values, name) ?? null;
    const number = type === 'number' ? numberOf(value) : undefined;
    if (number !== undefined) put(named, name, new Num(number));
    else Object.defineProperty(named, name, { get: () => valueNamed(name, type, value) });
  }
  return named;
}

/** Integers beyond 2^53 come as they were measured, or as the text of digits that was recorded of them. */
function numberOf(value: ConditionValues[string] | undefined): number | bigint | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const integer = typeof value === 'string' ? readInteger(value) : value;
  return typeof integer === 'bigint' ? integer : undefined;
}

function valueNamed(name: string, type: Variables[string], value: ConditionValues[string] | undefined): string | boolean {
  if (value === null || value === undefined) throw new Error(`\`${name}\` has no value`);
  const came = typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value;
  if (type === 'number' && typeof value === 'string' && DATE.test(value))
    throw new Error(`\`${name}\` is a date (${value}), not a number: filter by its age in the query, as in \`field < now-30d\``);
  if (came !== type) throw new Error(`\`${name}\` is ${article(came)}, not ${article(type)}`);
  if (typeof value === 'number' || typeof value === 'bigint') throw new Error(`\`${name}\` is not a finite number`);
  return value;
}

const DATE = /^\d{4}-\d{2}-\d{2}T/;

function reason(thrown: unknown): string {
  const summary: unknown = (thrown as { readonly summary?: unknown } | null)?.summary;
  return typeof summary === 'string' ? summary : asError(thrown).message;
}
