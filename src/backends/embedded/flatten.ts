import { isObject, type Json } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { OtherNames } from './otel-fields.ts';

/** A single value as it stands in a document. */
export type Leaf = string | number | boolean;

/** Leaf values by dotted path, in the order in which they stand in the document. */
export type Leaves = ReadonlyMap<string, readonly Leaf[]>;

/** Levels of objects that are looked into; Elasticsearch refuses documents beyond 20. */
const MAX_DEPTH = 50;

/**
 * A document's values by path. `{"a.b": 1}` and `{"a": {"b": 1}}` are the same, arrays of objects fall into one list a field, nulls and empty
 * arrays are no values.
 */
export function flatten(source: Readonly<Record<string, Json>>): Map<string, Leaf[]> {
  const leaves = new Map<string, Leaf[]>();
  for (const key of Object.keys(source)) put(leaves, key, own(source, key), 0);
  return leaves;
}

function put(leaves: Map<string, Leaf[]>, path: string, value: Json | undefined, depth: number): void {
  if (value === null || value === undefined || depth > MAX_DEPTH) return;
  if (typeof value !== 'object') {
    const held = leaves.get(path);
    if (held === undefined) leaves.set(path, [value]);
    else held.push(value);
  } else if (Array.isArray(value)) {
    for (const one of value) put(leaves, path, one, depth + 1);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) put(leaves, `${path}.${key}`, own(value, key), depth + 1);
  }
}

/** Adds the values once more under the other names that lead to them; a name that the document itself has is left alone. */
export function addNames(leaves: Map<string, Leaf[]>, { passthrough, aliases }: OtherNames): void {
  for (const prefix of passthrough) {
    for (const [path, values] of [...leaves]) {
      if (path.startsWith(prefix)) setOnce(leaves, path.slice(prefix.length), values);
    }
  }
  for (const [alias, path] of aliases) {
    const values = leaves.get(path);
    if (values !== undefined) setOnce(leaves, alias, values);
  }
}

function setOnce(leaves: Map<string, Leaf[]>, path: string, values: Leaf[]): void {
  if (!leaves.has(path)) leaves.set(path, values);
}
