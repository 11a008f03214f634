import { Environment } from '@marcbachmann/cel-js';
import { compareNumbers, integer } from '../core/integers.ts';

/** An integer beyond 2^53 is a bigint, all else a number. */
type Quantity = number | bigint;

/**
 * A number inside a condition. CEL distinguishes integers from decimals; alert conditions must not: `errors / total > 0.05` has to
 * work for any.
 */
export class Num {
  readonly value: Quantity;

  /** Refuses non-finite numbers, so that an overflow is an error of the condition and never a breach. */
  constructor(value: Quantity) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('arithmetic overflow');
    this.value = value;
  }
}

/** Two integers compare exactly, however large; beside a decimal number, which is rounded beyond 2^53, an integer is rounded too. */
function compared(a: Quantity, b: Quantity): number {
  return isWhole(a) && isWhole(b) ? compareNumbers(a, b) : compareNumbers(Number(a), Number(b));
}

const COMPARE: Readonly<Record<string, (a: Quantity, b: Quantity) => boolean>> = {
  '<': (a, b) => compared(a, b) < 0,
  '<=': (a, b) => compared(a, b) <= 0,
  '>': (a, b) => compared(a, b) > 0,
  '>=': (a, b) => compared(a, b) >= 0,
  '==': (a, b) => compared(a, b) === 0,
};

const ARITHMETIC: Readonly<Record<string, (a: Quantity, b: Quantity) => Quantity>> = {
  '+': (a, b) => exactly(a, b, (x, y) => x + y) ?? Number(a) + Number(b),
  '-': (a, b) => exactly(a, b, (x, y) => x - y) ?? Number(a) - Number(b),
  '*': (a, b) => exactly(a, b, (x, y) => x * y) ?? Number(a) * Number(b),
  '/': (a, b) => Number(a) / Number(divisor(b)),
  '%': (a, b) => exactly(a, divisor(b), (x, y) => x % y) ?? Number(a) % Number(b),
};

/** The result of two integers if at least one is beyond 2^53; undefined if plain numbers suffice. */
function exactly(a: Quantity, b: Quantity, of: (a: bigint, b: bigint) => bigint): Quantity | undefined {
  if (typeof a === 'number' && typeof b === 'number') return undefined;
  if (!isWhole(a) || !isWhole(b)) return undefined;
  return integer(of(BigInt(a), BigInt(b)));
}

function isWhole(value: Quantity): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

function divisor(value: Quantity): Quantity {
  if (compareNumbers(value, 0) === 0) throw new Error('division by zero');
  return value;
}

/** Signatures of everything a condition may call, for error hints and the docs. */
export const FUNCTIONS = {
  abs: 'abs(number)',
  min: 'min(number, number)',
  max: 'max(number, number)',
  round: 'round(number)',
} as const;

/** Methods a condition may call on a string; `matches` is left out on purpose: a regular expression can take forever. */
export const METHODS = {
  contains: 'text.contains(string)',
  startsWith: 'text.startsWith(string)',
  endsWith: 'text.endsWith(string)',
} as const;

/**
 * The CEL environment of all conditions: one type `number` with its own operators, in which a division by zero is an error (plain
 * CEL decimals give infinity, which fires). Clone it to add variables.
 */
export function numberEnvironment(): Environment {
  const limits = { maxAstNodes: 500, maxDepth: 40, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 2 };
  const env = new Environment({ limits }).registerType('number', Num);
  for (const [operator, holds] of Object.entries(COMPARE)) {
    env.registerOperator(`number ${operator} number: bool`, (a: Num, b: Num) => holds(a.value, b.value));
  }
  for (const [operator, of] of Object.entries(ARITHMETIC)) {
    env.registerOperator(`number ${operator} number: number`, (a: Num, b: Num) => new Num(of(a.value, b.value)));
  }
  env.registerOperator('-number', (a: Num) => new Num(-a.value));
  const sync = { async: false };
  env.registerFunction('abs(number): number', (a: Num) => new Num(a.value < 0 ? -a.value : a.value), sync);
  env.registerFunction('min(number, number): number', (a: Num, b: Num) => (compared(b.value, a.value) < 0 ? b : a), sync);
  env.registerFunction('max(number, number): number', (a: Num, b: Num) => (compared(b.value, a.value) > 0 ? b : a), sync);
  env.registerFunction(
    'round(number): number',
    (a: Num) => new Num(typeof a.value === 'bigint' ? a.value : Math.round(a.value)),
    sync,
  );
  return env;
}
