import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
} from 'yaml';
import type { Position, Problem } from '../core/problems.ts';

/** Keys and positions that lead from the top of a file to a value. */
export type Path = readonly (string | number)[];

/** A YAML file, read: its value, what is wrong with it as YAML, and where each value stands. */
export interface YamlSource {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value under a path stands (`key`: where its key stands); the nearest thing above it when it is not there. */
  positionOf(path: Path, part?: 'key' | 'value'): Position;
}

/** Reads one YAML document with the positions of its parts; anchors, aliases and merge keys are followed. Never throws. */
export function readYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const broken = (message: string, offset: number): YamlSource => ({
    value: undefined,
    problems: [{ code: 'config/yaml', severity: 'error', message, at: at(offset) }],
    positionOf: () => at(0),
  });
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false, uniqueKeys: true });
    const [document, second] = Array.isArray(documents) ? documents : [];
    if (document === undefined) return { value: undefined, problems: [], positionOf: () => at(0) };
    if (second !== undefined) return broken("expected one document, found another after '---'", second.range[0]);
    const problems = document.errors.map((error): Problem => {
      return { code: 'config/yaml', severity: 'error', message: firstLine(error.message), at: at(error.pos[0]) };
    });
    const value: unknown = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
    return { value, problems, positionOf: (path, part = 'value') => at(offsetOf(document, path, part)) };
  } catch (error) {
    return broken(`this cannot be read as YAML: ${firstLine(error instanceof Error ? error.message : String(error))}`, 0);
  }
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}

function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  let node = followed(document, document.contents);
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    const pair = typeof step === 'string' ? pairOf(document, node, step) : undefined;
    const next = pair === undefined ? itemOf(node, step) : pair.value;
    const shown = pair !== undefined && ((last && part === 'key') || rangeOf(next) === undefined) ? pair.key : next;
    const found = rangeOf(shown);
    if (found === undefined) break;
    offset = found;
    node = followed(document, next);
  }
  return offset;
}

function itemOf(node: unknown, step: string | number): unknown {
  return isSeq(node) && typeof step === 'number' ? node.items[step] : undefined;
}

/** The pair of a key; a merge key (`<<`) lends what the map itself does not have. */
function pairOf(document: Document, node: unknown, key: string): Pair | undefined {
  if (!isMap(node)) return undefined;
  const pairs = node.items.filter(isPair);
  const own = pairs.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  if (own !== undefined) return own;
  const lenders = pairs
    .filter((pair) => isScalar(pair.key) && pair.key.value === '<<')
    .map((pair) => followed(document, pair.value));
  for (const lender of lenders.flatMap((given) =>
    isSeq(given) ? given.items.map((item) => followed(document, item)) : [given],
  )) {
    const lent = lender === node ? undefined : pairOf(document, lender, key);
    if (lent !== undefined) return lent;
  }
  return undefined;
}

function followed(document: Document, node: unknown): Node | null | undefined {
  return isAlias(node) ? node.resolve(document) : (node as Node | null | undefined);
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  return typeof node.range[0] === 'number' ? node.range[0] : undefined;
}
