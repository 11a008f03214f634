import { isObject, type Json, jsonText } from '../../core/json.ts';
import { QueryRefusal, unsupported } from './refusal.ts';

/** A JSON object of a query, being read. */
export type Body = Readonly<Record<string, Json>>;

/** Options that change scores or names only, and so nothing here. */
const WITHOUT_EFFECT = new Set(['boost', '_name', 'rewrite', 'relation', 'auto_generate_synonyms_phrase_query']);

/** Reads the body of a construct, which must be an object with no keys but the given ones. */
export function readBody(construct: string, json: unknown, keys: readonly string[]): Body {
  const body = readObject(construct, json);
  const strange = Object.keys(body).find((key) => !keys.includes(key) && !WITHOUT_EFFECT.has(key));
  if (strange !== undefined) throw unsupported(`${construct} with \`${strange}\``);
  return body;
}

/** Reads `{FIELD: VALUE}` or `{FIELD: {KEY: VALUE, …}}`; the short form is read as the given key. */
export function readField(construct: string, json: unknown, key: string, keys: readonly string[]): readonly [string, Body] {
  const entries = Object.entries(readObject(construct, json)).filter(([name]) => !WITHOUT_EFFECT.has(name));
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw new QueryRefusal('bad_query', `${construct} takes exactly one field`);
  const [field, given] = entry;
  return [field, isObject(given) ? readBody(construct, given, keys) : { [key]: given }];
}

/** Reads a JSON object. */
export function readObject(construct: string, json: unknown): Body {
  if (!isObject(json)) throw new QueryRefusal('bad_query', `${construct} must be an object, got ${jsonText(json)}`);
  return json as Body;
}

/** Reads one value or a list of them as a list. */
export function readList(json: Json | undefined): readonly Json[] {
  if (json === undefined) return [];
  return Array.isArray(json) ? (json as readonly Json[]) : [json];
}

/** Reads a scalar that a query must have. */
export function readScalar(construct: string, json: Json | undefined): string | number | bigint | boolean {
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'bigint' || typeof json === 'boolean') return json;
  throw new QueryRefusal('bad_query', `${construct} needs a string, a number or a boolean, got ${jsonText(json ?? null)}`);
}
