import { isObject, type Json } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { OtherNames } from './otel-fields.ts';

/** A single value of a document. */
export type Leaf = string | number | bigint | boolean;

/** Leaf values by dotted path, in the order of the document. */
export type Leaves = ReadonlyMap<string, readonly Leaf[]>;

/** Levels of objects that are looked into; Elasticsearch refuses documents beyond 20. */
const MAX_DEPTH = 50;

/** Fields that have the values of one path, each with the substitute for a null in it. */
export type ForNulls = ReadonlyMap<string, Leaf | undefined>;

/**
 * A document's values by path. `{"a.b": 1}` and `{"a": {"b": 1}}` are the same, arrays of objects fall into one list a field, nulls and empty
 * arrays are not values, except for a null that a mapping replaces.
 */
export function flatten(
  source: Readonly<Record<string, Json>>,
  nulls: ReadonlyMap<string, ForNulls> = NO_NULLS,
): Map<string, Leaf[]> {
  const leaves = new Map<string, Leaf[]>();
  const put = (path: string, value: Json | undefined, depth: number): void => {
    if (value === undefined || depth > MAX_DEPTH) return;
    if (typeof value !== 'object' || value === null) putLeaf(leaves, path, value, nulls.get(path));
    else if (Array.isArray(value)) for (const one of value) put(path, one, depth + 1);
    else if (isObject(value)) for (const key of Object.keys(value)) put(`${path}.${key}`, own(value, key), depth + 1);
  };
  for (const key of Object.keys(source)) put(key, own(source, key), 0);
  return leaves;
}

const NO_NULLS: ReadonlyMap<string, ForNulls> = new Map();

function putLeaf(leaves: Map<string, Leaf[]>, path: string, value: Leaf | null, forNulls: ForNulls | undefined): void {
  if (forNulls === undefined) {
    if (value !== null) append(leaves, path, value);
    return;
  }
  for (const [field, instead] of forNulls) {
    const one = value ?? instead;
    if (one !== undefined) append(leaves, field, one);
  }
}

function append(leaves: Map<string, Leaf[]>, path: string, value: Leaf): void {
  const held = leaves.get(path);
  if (held === undefined) leaves.set(path, [value]);
  else held.push(value);
}

/** Adds the values again under the other names that lead to them; a name that the document itself has is left alone. */
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

/** Gives fields the values that a mapping copies to them: those that the document itself has, for a null is not copied. */
export function addCopies(
  leaves: Map<string, Leaf[]>,
  source: Readonly<Record<string, Json>>,
  {
    copies,
    nulls,
  }: { readonly copies: readonly (readonly [from: string, to: string])[]; readonly nulls: ReadonlyMap<string, ForNulls> },
): void {
  if (copies.length === 0) return;
  const own = flatten(source);
  for (const [from, to] of copies) for (const value of own.get(from) ?? []) putLeaf(leaves, to, value, nulls.get(to));
}
