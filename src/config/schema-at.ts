import { isObject, type JsonSchema } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Path } from '../yaml/path.ts';
import { propertiesOf } from '../yaml/schema-words.ts';

/** The schema at a path of a document; undefined if the schema does not cover it. */
export function schemaAt(root: JsonSchema, path: Path): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((schema, part) => {
    const below = typeof part === 'number' ? itemsOf(schema) : own(propertiesOf(schema), part);
    return resolved(below, root);
  }, root);
}

/** The items of a list, also if a single item is allowed instead; the list's example is one of them. */
function itemsOf(schema: JsonSchema | undefined): unknown {
  const choices: readonly unknown[] = Array.isArray(schema?.['anyOf']) ? schema['anyOf'] : [schema];
  const items = choices.flatMap((choice) => (isObject(choice) && isObject(choice['items']) ? [choice['items']] : []))[0];
  const { examples } = schema ?? {};
  return items === undefined || examples === undefined ? items : { examples, ...items };
}

function resolved(schema: unknown, root: JsonSchema): JsonSchema | undefined {
  if (!isObject(schema)) return undefined;
  const name = /^#\/definitions\/(.+)$/.exec(String(schema['$ref'] ?? ''))?.[1];
  const definitions = root['definitions'];
  const found = name === undefined || !isObject(definitions) ? schema : own(definitions, name);
  return isObject(found) ? found : undefined;
}

/** A placeholder for an unknown value of a key: its example or default, otherwise a URL, which most texts accept. */
export function sampleOf(schema: JsonSchema | undefined): unknown {
  const { examples, default: usual, enum: known, type, minimum } = schema ?? {};
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (usual !== undefined) return usual;
  if (Array.isArray(known) && known.length > 0) return known[0];
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return typeof minimum === 'number' ? minimum : 1;
  return STAND_IN_URL;
}

/** Placeholder for a missing secret: also a valid URL, with a reserved name (RFC 6761). */
export const STAND_IN_URL = 'https://not-set.invalid/not-set';
