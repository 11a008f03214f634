import { own } from '../core/record.ts';
import { type CompiledCondition, compileCondition } from './compile.ts';
import type { ConditionValues, Variables } from './condition.ts';
import type { Comparison, NumberTerm } from './logic.ts';
import { atomsOf, MIRRORED } from './possible.ts';

/** Two numbers that a condition compares; what is compared with something fixed comes first. */
export interface ComparedNumbers {
  readonly op: Comparison;
  readonly left: NumberTerm;
  readonly right: NumberTerm;
}

const HOLDS: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/**
 * The comparisons of numbers that made a condition true of these values, in the order of its text: of `a > 1 || b > 1` those that hold; all of
 * them where it is not true. None of a condition that these values do not fit. The types of the names are those of the values. What is compiled is
 * kept as long as `owner`, which is a part of the rule: each alert of a message has the same condition.
 */
export function comparisonsOf(text: string, values: ConditionValues, owner: object): readonly ComparedNumbers[] {
  const compile = compilerOf(owner);
  const numbers = compile(text, typesOf(values, 'number'));
  // A keyword of many digits, such as the number of an order, is recorded like an integer beyond 2^53.
  const compiled = numbers.ok ? numbers : compile(text, typesOf(values, 'string'));
  if (!compiled.ok) return [];
  const isTrue = compiled.condition.evaluate(values).kind === 'true';
  return atomsOf(compiled.logic).flatMap((atom) => {
    if (atom.kind !== 'compare' || (isTrue && !holds(atom, values))) return [];
    const { op, left, right } = atom;
    const isFixedFirst = left.kind === 'number' && right.kind !== 'number';
    return [isFixedFirst ? { op: MIRRORED[op], left: right, right: left } : { op, left, right }];
  });
}

const compiledBy = new WeakMap<object, Map<string, CompiledCondition>>();
/** Of one owner: a rule has a few levels, and values of a few types. */
const KEPT = 100;

function compilerOf(owner: object): (text: string, types: Variables) => CompiledCondition {
  const known = compiledBy.get(owner) ?? new Map<string, CompiledCondition>();
  compiledBy.set(owner, known);
  return (text, types) => {
    const key = JSON.stringify([text, types]);
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= KEPT) known.clear();
    const compiled = compileCondition(text, types);
    known.set(key, compiled);
    return compiled;
  };
}

function holds({ op, left, right }: ComparedNumbers, values: ConditionValues): boolean {
  const [a, b] = [left, right].map((term) => numberOfTerm(term, values));
  return a !== undefined && b !== undefined && HOLDS[op](a, b);
}

/** Integers beyond 2^53 are recorded as the text of their digits: `digits` is what such a text is taken for. */
function typesOf(values: ConditionValues, digits: 'number' | 'string'): Variables {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value === 'boolean') return [name, 'bool' as const];
      if (typeof value !== 'string') return [name, 'number' as const];
      return [name, /^-?\d{16,}$/.test(value) ? digits : ('string' as const)];
    }),
  );
}

type Operation = (a: number, b: number) => number;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  min: Math.min,
  max: Math.max,
};
const OF_ONE: Readonly<Record<string, (a: number) => number>> = {
  negative: (a) => -a,
  abs: Math.abs,
  round: Math.round,
};

/** What a number or a computation is for these values, for people: an integer beyond 2^53 is rounded. Undefined: a value is missing, or it is not finite. */
export function numberOfTerm(term: NumberTerm, values: ConditionValues): number | undefined {
  const result = computed(term, values);
  return result !== undefined && Number.isFinite(result) ? result : undefined;
}

function computed(term: NumberTerm, values: ConditionValues): number | undefined {
  if (term.kind === 'number') return term.value;
  if (term.kind === 'name') {
    const value = own(values, term.text);
    return value === null || value === undefined || typeof value === 'boolean' || value === '' ? undefined : Number(value);
  }
  const [a, b] = term.of.map((part) => computed(part, values));
  if (a === undefined) return undefined;
  if (term.of.length === 1) return own(OF_ONE, term.by)?.(a);
  return b === undefined ? undefined : own(OPERATIONS, term.by)?.(a, b);
}
