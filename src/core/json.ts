import { isSettled } from './freeze.ts';
import { own } from './record.ts';

/**
 * Any JSON value, deeply read-only. Everything that is stored or sent as a document is made of it. A bigint is an integer that a JavaScript number
 * would round, so `jsonText` and `parseJson` take the place of JSON's own functions wherever documents and queries pass.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

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

/** JSON text with every integer exact: a bigint is written as the number it is. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    // Integers beyond 2^53 are rare: only a value that holds one pays for them.
    return writtenOut(value, Object.keys) ?? 'null';
  }
}

/** A value as people read it: a text as it is, everything else as JSON. */
export function textOfValue(value: unknown): string {
  return typeof value === 'string' ? value : jsonText(value);
}

/** As `jsonText`, with an indent of two blanks a level. */
export function indentedJson(value: unknown): string {
  try {
    return JSON.stringify(value, null, 2) ?? 'null';
  } catch {
    const plain = jsonText(value);
    let mark = '\ue000';
    while (plain.includes(mark)) mark += '\ue000';
    const marked = JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? mark + String(one) : one), 2);
    return marked.replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
  }
}

/** As with JSON.stringify, what JSON has no word for is undefined: left out of objects, null in lists. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return textOfScalar(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = textOfObject(value, textOf, sortedKeys);
  if (text !== undefined && isSettled(value)) texts.set(value, text);
  return text;
}

function writtenOut(value: unknown, keysOf: (value: object) => readonly string[]): string | undefined {
  if (typeof value !== 'object' || value === null) return textOfScalar(value);
  return textOfObject(value, (inner) => writtenOut(inner, keysOf), keysOf);
}

function textOfScalar(value: unknown): string | undefined {
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

function sortedKeys(value: object): readonly string[] {
  return Object.keys(value).sort();
}

function textOfObject(
  value: object,
  write: (inner: unknown) => string | undefined,
  keysOf: (value: object) => readonly string[],
): string | undefined {
  if (Array.isArray(value)) return `[${value.map((inner) => write(inner) ?? 'null').join(',')}]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return write(value.toJSON());
  const members: string[] = [];
  for (const key of keysOf(value)) {
    const text = write(own(value as Readonly<Record<string, unknown>>, key));
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}
