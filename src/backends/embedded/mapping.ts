import { isObject, jsonText } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { DEFAULT_FORMAT, dateFormat } from './date-format.ts';
import { type FieldType, fieldType } from './field-type.ts';
import type { ForNulls, Leaf } from './flatten.ts';

/** A mapping of Elasticsearch, read for looking up fields. */
export interface Mapping {
  readonly fields: ReadonlyMap<string, FieldType>;
  /** Objects whose fields are also reached without their prefix, the most important first, each ending in a dot. */
  readonly passthrough: readonly string[];
  /** Other names of fields: alias to path. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Prefixes, each ending in a dot, whose leaves have one type: `flattened` keywords, `nested` and disabled objects. */
  readonly subtrees: ReadonlyMap<string, FieldType | undefined>;
  /** Values of one field that another has too: `copy_to`. */
  readonly copies: readonly (readonly [from: string, to: string])[];
  /** The substitute for an explicit null at a path: in the field itself and in each of its multi-fields, which have a `null_value` of their own. */
  readonly nulls: ReadonlyMap<string, ForNulls>;
  /** False: fields that the mapping does not name cannot be searched (`dynamic: false`). */
  readonly open: boolean;
}

/** The mapping of documents of which nothing is known beforehand. */
export const NO_MAPPING: Mapping = {
  ...{ fields: new Map(), passthrough: [], aliases: new Map(), subtrees: new Map() },
  ...{ copies: [], nulls: new Map(), open: true },
};

/** Reads the JSON that `PUT index` takes under `mappings` (or an object that has it there); other values count as empty. */
export function readMapping(json: unknown): Mapping {
  const root = isObject(json) && isObject(json['mappings']) ? json['mappings'] : json;
  const reading: Reading = {
    ...{ fields: new Map(), aliases: new Map(), subtrees: new Map(), passthrough: [] },
    ...{ copies: [], nulls: new Map() },
  };
  if (isObject(root)) {
    readProperties(root['properties'], '', reading);
    for (const path of isObject(root['runtime']) ? Object.keys(root['runtime']) : [])
      reading.fields.set(path, { kind: 'other', name: 'a runtime field', from: path, unseen: true });
    // The mapping from a template is unknown here, and treating the field as a keyword would be a guess.
    if (Array.isArray(root['dynamic_templates']) && root['dynamic_templates'].length > 0)
      reading.subtrees.set('', { kind: 'other', name: '`dynamic_templates`', from: '' });
  }
  const passthrough = reading.passthrough.sort((a, b) => b.priority - a.priority).map(({ prefix }) => prefix);
  const dynamic = isObject(root) ? root['dynamic'] : undefined;
  return { ...reading, passthrough, open: !isClosed(dynamic) };
}

interface Reading {
  readonly fields: Map<string, FieldType>;
  readonly aliases: Map<string, string>;
  readonly subtrees: Map<string, FieldType | undefined>;
  readonly passthrough: { readonly prefix: string; readonly priority: number }[];
  readonly copies: [from: string, to: string][];
  readonly nulls: Map<string, ForNulls>;
}

type Property = Readonly<Record<string, unknown>>;

function readProperties(properties: unknown, prefix: string, reading: Reading): void {
  if (!isObject(properties)) return;
  for (const [key, property] of Object.entries(properties)) {
    if (isObject(property)) readProperty(property, prefix + key, reading);
  }
}

function readProperty(property: Property, path: string, reading: Reading): void {
  const type = typeof property['type'] === 'string' ? property['type'] : 'object';
  if (type === 'passthrough') reading.passthrough.push({ prefix: `${path}.`, priority: Number(property['priority'] ?? 0) });
  if (type === 'nested') reading.subtrees.set(`${path}.`, { kind: 'other', name: 'nested', from: path, unseen: true });
  else if (property['enabled'] === false) reading.subtrees.set(`${path}.`, undefined);
  else if (type === 'alias') reading.aliases.set(path, String(property['path']));
  else if (type === 'object' || type === 'passthrough') {
    readProperties(property['properties'], `${path}.`, reading);
    // Properties come first: what an object does not name is what its subtree says.
    if (isClosed(property['dynamic'])) reading.subtrees.set(`${path}.`, undefined);
    if (property['dynamic'] === 'runtime')
      reading.subtrees.set(`${path}.`, { kind: 'other', name: '`dynamic: runtime`', from: path });
  } else readLeaf(type, property, path, reading);
}

function isClosed(dynamic: unknown): boolean {
  return dynamic === false || dynamic === 'false' || dynamic === 'strict';
}

function readLeaf(type: string, property: Property, path: string, reading: Reading): void {
  const own = typeOf(type, property, path);
  reading.fields.set(path, own);
  if (type === 'flattened') reading.subtrees.set(`${path}.`, { ...own, flattened: 'keyed', object: path });
  const { copy_to: copies, fields } = property;
  for (const to of Array.isArray(copies) ? copies : copies === undefined ? [] : [copies]) reading.copies.push([path, String(to)]);
  const multis = Object.entries(isObject(fields) ? fields : {}).flatMap(([key, multi]) =>
    isObject(multi) ? [[`${path}.${key}`, multi] as const] : [],
  );
  const forNulls = new Map([[path, nullValue(property)], ...multis.map(([name, multi]) => [name, nullValue(multi)] as const)]);
  const differ = [...forNulls.values()].some((value) => value !== undefined);
  if (differ) reading.nulls.set(path, forNulls);
  // Where a null means something, each of the fields has values of its own.
  for (const [name, multi] of multis) reading.fields.set(name, typeOf(String(multi['type']), multi, differ ? name : path));
}

function nullValue({ null_value: value }: Property): Leaf | undefined {
  const isLeaf =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isLeaf ? value : undefined;
}

/** Parameters that change nothing of what is found and shown here. */
const WITHOUT_EFFECT = new Set(
  (
    'type fields properties meta store norms boost similarity eager_global_ordinals index_options index_phrases index_prefixes term_vector ' +
    'ignore_malformed position_increment_gap split_queries_on_whitespace time_series_dimension time_series_metric depth_limit ' +
    'ignore_above null_value copy_to value scaling_factor priority dynamic subobjects synthetic_source_keep'
  ).split(' '),
);

/** Values of parameters that are known here; any other makes a type that refuses questions by that name. */
const KNOWN: Readonly<Record<string, (value: unknown, type: string) => boolean>> = {
  // What is not coerced is refused, together with its document.
  coerce: (value) => value === true,
  doc_values: (value) => typeof value === 'boolean',
  index: (value) => typeof value === 'boolean',
  normalizer: (value) => value === 'lowercase' || value === null,
  analyzer: (value) => value === 'standard' || value === 'default',
  search_analyzer: (value) => value === 'standard' || value === 'default',
  search_quote_analyzer: (value) => value === 'standard' || value === 'default',
  fielddata: (value) => value === false,
  format: (value) => typeof value === 'string' && dateFormat(value) !== undefined,
  locale: (value) => /^(?:en|en[-_]US|root)?$/i.test(String(value)),
};

/** A type as the mapping has it; one that means something that is not known here refuses questions by its name. */
function typeOf(name: string, property: Property, path: string): FieldType {
  const strange = Object.entries(property).find(
    ([key, value]) => !WITHOUT_EFFECT.has(key) && !own(KNOWN, key)?.(value, name) === true,
  );
  if (strange !== undefined)
    return { kind: 'other', name: `${name} with \`${strange[0]}: ${jsonText(strange[1])}\``, from: path };
  const type = fieldType(name, path, Number(property['scaling_factor'] ?? 1));
  const { format, ignore_above: longest, value } = property;
  return {
    ...type,
    ...(type.kind === 'date' && typeof format === 'string' && { dates: dateFormat(format) ?? DEFAULT_FORMAT }),
    ...(typeof longest === 'number' && { ignoreAbove: longest }),
    ...(typeof value === 'string' && { constant: value }),
    ...(property['doc_values'] === false && { docValues: false }),
    ...(property['index'] === false && { indexed: false }),
    ...(property['normalizer'] === 'lowercase' && { folded: true }),
    ...(name === 'flattened' && { flattened: 'whole' }),
  };
}
