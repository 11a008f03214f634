import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { integer } from '../core/integers.ts';

/** Something in a YAML document that cannot become a value, at its character. */
export interface YamlComplaint {
  readonly kind: 'yaml' | 'too-large' | 'duplicate-key';
  readonly message: string;
  readonly hint?: string;
  readonly offset: number;
  /** Position of the earlier key that this one duplicates. */
  readonly firstOffset?: number;
}

/** A YAML document as plain JSON-like data, and the target of each alias, so that positions can be found later. */
export interface YamlValue {
  readonly value: unknown;
  readonly complaints: readonly YamlComplaint[];
  readonly targets: ReadonlyMap<Alias, Node>;
}

const MAX_DEPTH = 64;
const MAX_NODES = 100_000;
const MAX_COMPLAINTS = 100;

interface Walk {
  readonly complaints: YamlComplaint[];
  readonly targets: Map<Alias, Node>;
  readonly anchors: Map<string, Node>;
  readonly open: Set<Node>;
  nodes: number;
}

/**
 * Turns a parsed document into data. The library's own conversion is not used: it takes time without bound for keys that are
 * mappings and compares every key with every other; this one visits at most 100,000 nodes, 64 deep, aliases expanded.
 */
export function yamlValue(document: Document): YamlValue {
  const walk: Walk = { complaints: [], targets: new Map(), anchors: new Map(), open: new Set(), nodes: 0 };
  const value = dataOf(document.contents as Node | null, walk, false);
  return { value, complaints: walk.complaints.slice(0, MAX_COMPLAINTS), targets: walk.targets };
}

/** The keys of a mapping that a merge key `<<` brings in, as the mappings they come from. */
export function mergedMaps(pair: Pair, targets: ReadonlyMap<Alias, Node>): readonly YAMLMap[] {
  const resolve = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node);
  const value = resolve(pair.value);
  const sources = isSeq(value) ? value.items.map(resolve) : [value];
  return sources.filter((source) => isMap(source));
}

/** Says whether a pair is the merge key `<<`. */
export function isMerge(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';
}

/** The offset at which a node begins, 0 when it has none. */
export function startOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}

/** `again` is true inside an alias, where anchors were seen before. */
function dataOf(node: Node | null | undefined, walk: Walk, again: boolean): unknown {
  if (node === null || node === undefined) return null;
  if (++walk.nodes > MAX_NODES || walk.open.size >= MAX_DEPTH) return tooLarge(node, walk);
  if (isAlias(node)) return aliasValue(node, walk);
  if (!again && node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  if (isScalar(node)) return typeof node.value === 'bigint' ? integer(node.value) : node.value;
  walk.open.add(node);
  const value = isMap(node) ? mapValue(node, walk, again) : isSeq(node) ? listValue(node.items, walk, again) : null;
  walk.open.delete(node);
  return value;
}

function listValue(items: readonly unknown[], walk: Walk, again: boolean): unknown[] {
  return items.map((item) => dataOf(item as Node | null, walk, again));
}

function mapValue(map: YAMLMap, walk: Walk, again: boolean): Readonly<Record<string, unknown>> {
  const own = new Map<string, unknown>();
  const merged = new Map<string, unknown>();
  const keysAt = new Map<string, number>();
  for (const pair of map.items) {
    if (isMerge(pair)) {
      mergeInto(merged, pair, walk, again);
      continue;
    }
    const key = keyOf(pair, walk);
    if (key === undefined) continue;
    const first = keysAt.get(key);
    if (first === undefined) keysAt.set(key, startOf(pair.key));
    else if (!again) walk.complaints.push(duplicate(key, startOf(pair.key), first));
    own.set(key, dataOf(pair.value as Node | null, walk, again));
  }
  return Object.fromEntries([...merged, ...own]);
}

function mergeInto(merged: Map<string, unknown>, pair: Pair, walk: Walk, again: boolean): void {
  const value = dataOf(pair.value as Node | null, walk, again);
  for (const source of Array.isArray(value) ? value : [value]) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      const message = '"<<" merges the keys of a mapping, but this is not a mapping';
      walk.complaints.push({ kind: 'yaml', message, offset: startOf(pair.value) });
      continue;
    }
    for (const [key, inner] of Object.entries(source)) if (!merged.has(key)) merged.set(key, inner);
  }
}

function keyOf(pair: Pair, walk: Walk): string | undefined {
  if (isScalar(pair.key)) return String(pair.key.value);
  const message = 'a key must be a plain word';
  walk.complaints.push({
    kind: 'yaml',
    message,
    hint: 'put the text in quotes if it starts with "{" or "["',
    offset: startOf(pair.key),
  });
  return undefined;
}

function duplicate(key: string, offset: number, firstOffset: number): YamlComplaint {
  return {
    kind: 'duplicate-key',
    message: `duplicate key "${key}"`,
    hint: 'keep one of them',
    offset,
    firstOffset,
  };
}

function aliasValue(alias: Alias, walk: Walk): unknown {
  const target = walk.anchors.get(alias.source);
  if (target === undefined) {
    const message = '"*" refers to an anchor, but no anchor above has this name';
    walk.complaints.push({
      kind: 'yaml',
      message,
      hint: 'put the text in quotes if it starts with "*"',
      offset: startOf(alias),
    });
    return null;
  }
  if (walk.open.has(target)) {
    walk.complaints.push({
      kind: 'yaml',
      message: 'this alias refers to a value that contains it',
      offset: startOf(alias),
    });
    return null;
  }
  walk.targets.set(alias, target);
  return dataOf(target, walk, true);
}

function tooLarge(node: Node, walk: Walk): null {
  const message =
    walk.open.size >= MAX_DEPTH ? `nested deeper than ${MAX_DEPTH} levels` : `more than ${MAX_NODES} values, aliases included`;
  if (!walk.complaints.some((complaint) => complaint.kind === 'too-large')) {
    walk.complaints.push({
      kind: 'too-large',
      message,
      hint: 'reduce the nesting, or split it into several files',
      offset: startOf(node),
    });
  }
  return null;
}
