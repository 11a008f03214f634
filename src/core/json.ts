import { isSettled } from './freeze.ts';
import { own } from './record.ts';

/** Any JSON value, deeply read-only. Everything that is stored or sent as a document is made of it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON schema (2020-12 as ajv reads it). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Says whether a value read from outside is a JSON object (not an array, not null). */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Texts of what cannot change any more: the parts of rules are asked for at every tick. */
const texts = new WeakMap<object, string>();

/** JSON text with the keys of every object in order, so that equal values give equal text: for hashes and comparison. */
export function canonicalJson(value: unknown): string {
  return textOf(value) ?? 'null';
}

/** As with JSON.stringify, what JSON has no word for is undefined: left out of objects, null in lists. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = textOfObject(value);
  if (text !== undefined && isSettled(value)) texts.set(value, text);
  return text;
}

function textOfObject(value: object): string | undefined {
  if (Array.isArray(value)) return `[${value.map((inner) => textOf(inner) ?? 'null').join(',')}]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return textOf(value.toJSON());
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const text = textOf(own(value as Readonly<Record<string, unknown>>, key));
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}
