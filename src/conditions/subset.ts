import type { ASTNode } from '@marcbachmann/cel-js';
import { integer } from '../core/integers.ts';
import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';
import type { Variables } from './condition.ts';
import { FUNCTIONS, METHODS, Num } from './numbers.ts';
import { type Refusal, refusal } from './refusal.ts';

/** What a walk through a parsed condition found. */
export type Walked = { readonly ok: true; readonly uses: readonly string[] } | Refusal;

const OPERATORS = new Set(['!=', '==', '+', '-', '*', '/', '%', '<', '<=', '>', '>=', '||', '&&', '?:', '!_', '-_']);

/**
 * Holds a parsed condition to the part of CEL that conditions have (no fields, maps, loops or conversions), and turns every
 * numeric literal into the one number type, in place. Gives the names it uses, each once.
 */
export function holdToSubset(tree: ASTNode, variables: Variables): Walked {
  const uses = new Set<string>();
  const refused = walk(tree, variables, uses);
  return refused ?? { ok: true, uses: [...uses] };
}

function walk(node: ASTNode, variables: Variables, uses: Set<string>): Refusal | undefined {
  switch (node.op) {
    case 'value':
      return literal(node);
    case 'id':
      return name(node.args, node.start, variables, uses);
    case 'in':
      return node.args[1].op === 'list'
        ? (walk(node.args[0], variables, uses) ?? firstRefusal(node.args[1].args, variables, uses))
        : refusal('`in` needs a list', node.args[1].start, 'write `x in [1, 2]`, or `text.contains("…")` for a part of a text');
    case 'call':
      return call(node.args[0], FUNCTIONS, node.start) ?? firstRefusal(node.args[1], variables, uses);
    case 'rcall':
      return call(node.args[0], METHODS, methodOffset(node)) ?? firstRefusal([node.args[1], ...node.args[2]], variables, uses);
    default:
      if (OPERATORS.has(node.op)) return firstRefusal(operands(node), variables, uses);
      return refusal(
        `${WHAT[node.op] ?? `\`${node.op}\``} is not allowed in a condition`,
        node.start,
        'a condition compares named values',
      );
  }
}

const WHAT: Readonly<Record<string, string>> = {
  '.': 'a field of a value',
  '.?': 'a field of a value',
  '[]': 'an index',
  '[?]': 'an index',
  list: 'a list',
  map: 'a map',
};

function operands(node: ASTNode): readonly ASTNode[] {
  return (Array.isArray(node.args) ? node.args : [node.args]) as readonly ASTNode[];
}

function firstRefusal(nodes: readonly ASTNode[], variables: Variables, uses: Set<string>): Refusal | undefined {
  for (const node of nodes) {
    const refused = walk(node, variables, uses);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function literal(node: ASTNode): Refusal | undefined {
  const value: unknown = node.args;
  if (typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'bigint' || typeof value === 'number') {
    // The library has no hook for literals; its nodes are plain objects, and the checker takes a literal's type from its value.
    (node as { args: unknown }).args = new Num(typeof value === 'bigint' ? integer(value) : value);
    return undefined;
  }
  if (value === null) {
    return refusal('null cannot be compared', node.start, 'leave it out: a missing value makes the condition unknown');
  }
  return refusal('only numbers, strings, true and false are allowed here', node.start);
}

function name(used: string, offset: number, variables: Variables, uses: Set<string>): Refusal | undefined {
  if (!Object.hasOwn(variables, used)) {
    const known = Object.keys(variables);
    const near = nearest(used, known);
    const hint = near === undefined ? `known here: ${known.join(', ') || 'none'}` : `did you mean \`${near}\`?`;
    return refusal(`unknown variable \`${used}\``, offset, hint);
  }
  uses.add(used);
  return undefined;
}

function call(called: string, known: Readonly<Record<string, string>>, offset: number): Refusal | undefined {
  if (Object.hasOwn(known, called)) return undefined;
  const near = nearest(called, Object.keys(known));
  const all = Object.values(known).join(', ');
  const hint = called === 'matches' ? 'regular expressions are not available because their run time is unbounded; use ' : '';
  return refusal(
    `unknown function \`${called}\``,
    offset,
    near === undefined ? `${hint}${all}` : `did you mean \`${own(known, near)}\`?`,
  );
}

function methodOffset(node: ASTNode & { readonly op: 'rcall' }): number {
  const [method, receiver] = node.args;
  const dot = node.input.indexOf(method, receiver.end);
  return dot < 0 ? node.start : dot;
}
