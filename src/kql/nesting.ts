import { operands } from './compile.ts';
import type { KqlNode } from './tree.ts';

/** How many bool queries lie around the innermost condition of a compiled tree, and the offset of that condition. */
export interface KqlNesting {
  readonly levels: number;
  readonly offset: number;
}

/** Measures the nesting of the Query DSL that a tree compiles to. */
export function kqlNesting(node: KqlNode): KqlNesting {
  switch (node.kind) {
    case 'and':
    case 'or':
      return around(operands(node).map(kqlNesting).reduce(deeper, { levels: 0, offset: node.offset }));
    case 'not':
      return node.of.kind === 'not' ? kqlNesting(node.of.of) : around(kqlNesting(node.of));
    case 'is':
      return { levels: node.value.kind === 'glob' && node.value.words.length > 1 ? 3 : 0, offset: node.offset };
    default:
      return { levels: 0, offset: node.offset };
  }
}

function around(inner: KqlNesting): KqlNesting {
  return { levels: inner.levels + 1, offset: inner.offset };
}

function deeper(a: KqlNesting, b: KqlNesting): KqlNesting {
  return b.levels > a.levels ? b : a;
}
