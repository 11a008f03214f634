import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Path } from './path.ts';
import { offsetInSource } from './scalar-position.ts';
import { isMerge, mergedMaps, startOf, type YamlValue } from './value.ts';

/** The offset at which the key or the value at a path begins; where the path ends early, the last thing that was there. */
export function offsetOf(document: Document, value: YamlValue, path: Path, part: 'key' | 'value'): number {
  const found = find(document, value, path);
  return startOf(part === 'key' ? (found.key ?? found.value) : (found.value ?? found.key));
}

/** The offset in the source of a character of the text at a path; of the value itself if it is not a text. */
export function offsetInText(document: Document, value: YamlValue, path: Path, source: string, offset: number): number {
  const node = find(document, value, path).value;
  return isScalar(node) ? offsetInSource(node, source, offset) : offsetOf(document, value, path, 'value');
}

/** The value at a path as it is written, where that is a scalar without quotes. */
export function plainScalar(document: Document, value: YamlValue, path: Path): string | undefined {
  const { value: node, whole } = find(document, value, path);
  return whole && isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
}

interface Found {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
  /** False: the path ended early. */
  readonly whole: boolean;
}

/** Walks down a path; where it ends early, the last key and value that were there. */
function find(document: Document, { targets }: YamlValue, path: Path): Found {
  const resolve = (node: unknown): Node | undefined =>
    isAlias(node) ? targets.get(node) : ((node ?? undefined) as Node | undefined);
  let found: Found = { key: undefined, value: resolve(document.contents), whole: true };
  const early = () => ({ ...found, whole: false });
  for (const part of path) {
    const { value } = found;
    if (isMap(value)) {
      const pair = pairOf(value, String(part), (merge) => mergedMaps(merge, targets));
      if (pair === undefined) return early();
      found = { key: pair.key as Node, value: resolve(pair.value), whole: true };
    } else if (isSeq(value)) {
      const item = resolve(value.items[Number(part)]);
      if (item === undefined) return early();
      found = { key: undefined, value: item, whole: true };
    } else return early();
  }
  return found;
}

function pairOf(map: YAMLMap, key: string, merged: (pair: Pair) => readonly YAMLMap[]): Pair | undefined {
  const own = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  if (own !== undefined) return own;
  for (const pair of map.items.filter(isMerge)) {
    for (const source of merged(pair)) {
      const found = pairOf(source, key, merged);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
