import { isObject, type JsonSchema } from '../../src/core/json.ts';
import { code, defaultOf, meaningOf, propertiesOf, typeOf } from './markdown.ts';

/** The head of every table of keys. */
export const KEY_HEAD = ['key', 'type', 'default', 'meaning'];

/** Rows of a table of keys: each key of an object schema, and below it the keys inside it, with their whole path. */
export function keyRows(schema: JsonSchema, path = ''): readonly (readonly string[])[] {
  const required = textsOf(schema['required']);
  const alternatives = alternativesOf(schema);
  return Object.entries(propertiesOf(schema)).flatMap(([key, value]) => {
    const name = `${path}${key}`;
    const fallback = required.includes(key) ? (path === '' ? 'required' : 'required there') : defaultOf(value);
    const other = alternatives.get(key);
    const needed = other === undefined ? fallback : `required, or ${code(other)}`;
    return [[code(name), typeOf(value), needed, meaningOf(value)], ...insideOf(value, name)];
  });
}

function insideOf(schema: JsonSchema, name: string): readonly (readonly string[])[] {
  const alternatives = [schema['anyOf'], schema['oneOf']].flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
  const rows = [schema, ...alternatives].flatMap((one) => keyRows(one, `${name}.`));
  const items = schema['items'];
  return isObject(items) && Object.keys(propertiesOf(items)).length > 0 ? [...rows, ...keyRows(items, `${name}[].`)] : rows;
}

/** Secrets that are required, by their key, with the key of the file that may hold them instead. */
function alternativesOf(schema: JsonSchema): ReadonlyMap<string, string> {
  const rules = Array.isArray(schema['allOf']) ? schema['allOf'].filter(isObject) : [];
  const pairs = rules.flatMap(({ anyOf }) =>
    Array.isArray(anyOf) ? [anyOf.filter(isObject).flatMap(({ required }) => textsOf(required))] : [],
  );
  return new Map(pairs.flatMap(([key, file]) => (key === undefined || file === undefined ? [] : [[key, file]])));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
