import { analyzeSync, type Variable } from 'liquidjs';
import { messageLiquid, offsetInTemplate } from './liquid.ts';

/** A field of the sample documents that a template names, and where in its text (0-based). */
export interface DocumentField {
  readonly field: string;
  readonly offset: number;
}

const ENGINE = messageLiquid();
/**
 * The fields that a Liquid text names of `document`, or of `evidence.documents` by position or in a loop over them, in the order of the text. A text that does not parse names none.
 */
export function documentFields(text: string): readonly DocumentField[] {
  const loops = new Set([...text.matchAll(/\bfor\s+(\w+)\s+in\s+evidence\.documents\b/g)].map(([, name]) => name));
  try {
    const { variables } = analyzeSync(ENGINE.parse(text), { partials: false });
    const found = Object.values(variables).flatMap((list) => list.flatMap((variable) => fieldOf(variable, loops, text)));
    return found.sort((a, b) => a.offset - b.offset);
  } catch {
    return [];
  }
}

function fieldOf(
  { segments, location }: Variable,
  loops: ReadonlySet<string | undefined>,
  text: string,
): readonly DocumentField[] {
  const [root, list] = segments;
  const offset = offsetInTemplate(text, location.row, location.col);
  if (root === 'document') {
    const named = segments.slice(1);
    return named.length > 0 && named.every((part) => typeof part === 'string') ? [{ field: named.join('.'), offset }] : [];
  }
  if (!(root === 'evidence' && list === 'documents') && !(typeof root === 'string' && loops.has(root))) return [];
  const name = segments.slice(segments.indexOf('fields') + 1);
  const isNamed = segments.includes('fields') && name.length > 0 && name.every((part) => typeof part === 'string');
  return isNamed ? [{ field: name.join('.'), offset }] : [];
}
