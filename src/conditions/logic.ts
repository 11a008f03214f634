import type { ASTNode } from '@marcbachmann/cel-js';
import { Num } from './numbers.ts';

/** A number or what is computed: `text` is the same for two terms that are written alike. */
export type NumberTerm =
  | { readonly kind: 'number'; readonly text: string; readonly value: number }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'computed'; readonly text: string; readonly by: string; readonly of: readonly NumberTerm[] };

/** How two numbers are compared. */
export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** A part of a condition that is true or false by itself; `offset` and `end` are its characters in the text. */
export type Atom = { readonly offset: number; readonly end: number } & (
  | { readonly kind: 'compare'; readonly op: Comparison; readonly left: NumberTerm; readonly right: NumberTerm }
  | { readonly kind: 'is'; readonly text: string; readonly value: string }
  | { readonly kind: 'holds'; readonly text: string }
);

/** A condition as parts joined by and, or, not: what can be known of it without values. */
export type Logic =
  | Atom
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Logic[] }
  | { readonly kind: 'not'; readonly of: Logic };

const COMPARISONS = new Set<string>(['<', '<=', '>', '>=', '==', '!=']);

/** Reads the logic of a condition that the subset and the type check have passed. */
export function logicOf(node: ASTNode): Logic {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'boolean' ? { kind: 'constant', value: node.args } : holds(node);
    case '&&':
    case '||': {
      const [left, right] = node.args;
      return { kind: node.op === '&&' ? 'all' : 'any', of: [logicOf(left), logicOf(right)] };
    }
    case '!_':
      return { kind: 'not', of: logicOf(node.args) };
    case '?:': {
      const [when, yes, no] = node.args.map(logicOf) as [Logic, Logic, Logic];
      return either({ kind: 'all', of: [when, yes] }, { kind: 'all', of: [{ kind: 'not', of: when }, no] });
    }
    case 'in':
      return membership(node.args[0], node.args[1]);
    default:
      return COMPARISONS.has(node.op) ? comparison(node) : holds(node);
  }
}

function either(...of: readonly Logic[]): Logic {
  return { kind: 'any', of };
}

function holds(node: ASTNode): Atom {
  return { kind: 'holds', text: spelt(node), offset: node.start, end: node.end };
}

function membership(one: ASTNode, list: ASTNode): Logic {
  const items = list.op === 'list' ? list.args : [];
  return either(...items.map((item) => equality(one, item, one.start, list.end)));
}

function comparison(node: ASTNode): Logic {
  const [left, right] = node.args as readonly [ASTNode, ASTNode];
  const op = node.op as Comparison;
  if (isNumeric(left) && isNumeric(right)) {
    return { kind: 'compare', op, left: termOf(left), right: termOf(right), offset: node.start, end: node.end };
  }
  if (op !== '==' && op !== '!=') return holds(node);
  const equal = equality(left, right, node.start, node.end);
  return op === '==' ? equal : { kind: 'not', of: equal };
}

function equality(left: ASTNode, right: ASTNode, offset: number, end: number): Logic {
  const values = [left, right].map((node) => (node.op === 'value' ? (node.args as unknown) : undefined));
  const [a, b] = values;
  if (isNumeric(left) && isNumeric(right)) {
    return { kind: 'compare', op: '==', left: termOf(left), right: termOf(right), offset, end };
  }
  if (typeof a === 'string' && typeof b === 'string') return { kind: 'constant', value: a === b };
  if (typeof b === 'string') return { kind: 'is', text: spelt(left), value: b, offset, end };
  if (typeof a === 'string') return { kind: 'is', text: spelt(right), value: a, offset, end };
  if (typeof b === 'boolean') return b ? logicOf(left) : { kind: 'not', of: logicOf(left) };
  if (typeof a === 'boolean') return a ? logicOf(right) : { kind: 'not', of: logicOf(right) };
  return { kind: 'holds', text: `${spelt(left)} == ${spelt(right)}`, offset, end };
}

/** The library keeps the type that its check found on each node. */
function isNumeric(node: ASTNode & { readonly checkedType?: { readonly name: string } }): boolean {
  return node.checkedType?.name === 'number' || (node.op === 'value' && (node.args as unknown) instanceof Num);
}

function termOf(node: ASTNode): NumberTerm {
  const text = spelt(node);
  const value: unknown = node.args;
  if (node.op === 'value' && value instanceof Num) return { kind: 'number', text, value: Number(value.value) };
  if (node.op === 'id') return { kind: 'name', text };
  if (node.op === '-_') {
    const inner = termOf(node.args);
    return inner.kind === 'number'
      ? { kind: 'number', text, value: -inner.value }
      : { kind: 'computed', text, by: 'negative', of: [inner] };
  }
  if (node.op === 'call') return { kind: 'computed', text, by: node.args[0], of: node.args[1].map(termOf) };
  if (['+', '-', '*', '/', '%'].includes(node.op)) {
    return { kind: 'computed', text, by: node.op, of: (node.args as readonly ASTNode[]).map(termOf) };
  }
  // A choice of two numbers: what it gives is not looked into.
  return { kind: 'computed', text, by: 'unknown', of: [] };
}

/** A part as it is written, blanks and the brackets around it aside. */
function spelt(node: ASTNode): string {
  const value: unknown = node.args;
  switch (node.op) {
    case 'value':
      return value instanceof Num ? String(value.value) : JSON.stringify(value);
    case 'id':
      return node.args;
    case 'list':
      return `[${node.args.map(spelt).join(', ')}]`;
    case 'call':
      return `${node.args[0]}(${node.args[1].map(spelt).join(', ')})`;
    case 'rcall':
      return `${spelt(node.args[1])}.${node.args[0]}(${node.args[2].map(spelt).join(', ')})`;
    default: {
      const parts = (Array.isArray(value) ? value : [value]) as readonly ASTNode[];
      const [first, second, third] = parts.map((part) => (isSimple(part) ? spelt(part) : `(${spelt(part)})`));
      if (third !== undefined) return `${first} ? ${second} : ${third}`;
      return second === undefined ? `${node.op[0]}${first}` : `${first} ${node.op} ${second}`;
    }
  }
}

function isSimple({ op }: ASTNode): boolean {
  return ['value', 'id', 'list', 'call', 'rcall'].includes(op);
}
