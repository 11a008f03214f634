import { Environment } from '@marcbachmann/cel-js';

/**
 * A number inside a condition. CEL tells whole numbers from decimals; alert conditions must not: `errors / total > 0.05` has to
 * work for any.
 */
export class Num {
  readonly value: number;

  /** Refuses what is no finite number, so that an overflow is an error of the condition and never a breach. */
  constructor(value: number) {
    if (!Number.isFinite(value)) throw new Error('the arithmetic left the range of numbers');
    this.value = value;
  }
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / divisor(b),
  '%': (a, b) => a % divisor(b),
};

function divisor(value: number): number {
  if (value === 0) throw new Error('division by zero');
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
  env.registerFunction('abs(number): number', (a: Num) => new Num(Math.abs(a.value)), sync);
  env.registerFunction('min(number, number): number', (a: Num, b: Num) => new Num(Math.min(a.value, b.value)), sync);
  env.registerFunction('max(number, number): number', (a: Num, b: Num) => new Num(Math.max(a.value, b.value)), sync);
  env.registerFunction('round(number): number', (a: Num) => new Num(Math.round(a.value)), sync);
  return env;
}
