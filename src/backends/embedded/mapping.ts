import { isObject } from '../../core/json.ts';
import { dateFormat } from './date-format.ts';
import { type FieldType, fieldType } from './field-type.ts';

/** A mapping of Elasticsearch, read for looking up fields. */
export interface Mapping {
  readonly fields: ReadonlyMap<string, FieldType>;
  /** Objects whose fields are also reached without their prefix, the most important first, each ending in a dot. */
  readonly passthrough: readonly string[];
  /** Other names of fields: alias to path. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Prefixes, each ending in a dot, whose leaves have one type: `flattened` keywords, `nested` and disabled objects. */
  readonly subtrees: ReadonlyMap<string, FieldType | undefined>;
  /** False: fields that the mapping does not name cannot be searched (`dynamic: false`). */
  readonly open: boolean;
}

/** The mapping of documents of which nothing is known beforehand. */
export const NO_MAPPING: Mapping = { fields: new Map(), passthrough: [], aliases: new Map(), subtrees: new Map(), open: true };

/** Reads the JSON that `PUT index` takes under `mappings` (or an object that has it there); what is no mapping counts as empty. */
export function readMapping(json: unknown): Mapping {
  const root = isObject(json) && isObject(json['mappings']) ? json['mappings'] : json;
  const reading: Reading = { fields: new Map(), aliases: new Map(), subtrees: new Map(), passthrough: [] };
  if (isObject(root)) readProperties(root['properties'], '', reading);
  const passthrough = reading.passthrough.sort((a, b) => b.priority - a.priority).map(({ prefix }) => prefix);
  const dynamic = isObject(root) ? root['dynamic'] : undefined;
  return { ...reading, passthrough, open: dynamic !== false && dynamic !== 'false' && dynamic !== 'strict' };
}

interface Reading {
  readonly fields: Map<string, FieldType>;
  readonly aliases: Map<string, string>;
  readonly subtrees: Map<string, FieldType | undefined>;
  readonly passthrough: { readonly prefix: string; readonly priority: number }[];
}

function readProperties(properties: unknown, prefix: string, reading: Reading): void {
  if (!isObject(properties)) return;
  for (const [key, property] of Object.entries(properties)) {
    if (isObject(property)) readProperty(property, prefix + key, reading);
  }
}

function readProperty(property: Readonly<Record<string, unknown>>, path: string, reading: Reading): void {
  const type = typeof property['type'] === 'string' ? property['type'] : 'object';
  if (type === 'passthrough') reading.passthrough.push({ prefix: `${path}.`, priority: Number(property['priority'] ?? 0) });
  if (type === 'nested') reading.subtrees.set(`${path}.`, { kind: 'other', name: 'nested', from: path });
  else if (property['enabled'] === false) reading.subtrees.set(`${path}.`, undefined);
  else if (type === 'alias') reading.aliases.set(path, String(property['path']));
  else if (type === 'object' || type === 'passthrough') readProperties(property['properties'], `${path}.`, reading);
  else readLeaf(type, property, path, reading);
}

function readLeaf(type: string, property: Readonly<Record<string, unknown>>, path: string, reading: Reading): void {
  const read = (name: string, from: Readonly<Record<string, unknown>>): FieldType => ({
    ...typeOf(name, from, path),
    ...(typeof from['ignore_above'] === 'number' ? { ignoreAbove: from['ignore_above'] } : {}),
    ...(typeof from['value'] === 'string' ? { constant: from['value'] } : {}),
  });
  reading.fields.set(path, read(type, property));
  if (type === 'flattened') reading.subtrees.set(`${path}.`, fieldType('flattened', path));
  if (!isObject(property['fields'])) return;
  for (const [key, multi] of Object.entries(property['fields'])) {
    if (isObject(multi)) reading.fields.set(`${path}.${key}`, read(String(multi['type']), multi));
  }
}

/** A type as the mapping has it; one that means something that is not known here refuses questions by its name. */
function typeOf(name: string, property: Readonly<Record<string, unknown>>, path: string): FieldType {
  const type = fieldType(name, path, Number(property['scaling_factor'] ?? 1));
  const { format } = property;
  if (type.kind !== 'date' || typeof format !== 'string') return type;
  const dates = dateFormat(format);
  return dates === undefined ? { kind: 'other', name: `${name} with \`format: ${format}\``, from: path } : { ...type, dates };
}
