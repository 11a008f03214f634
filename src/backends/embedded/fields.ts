import { nameTest } from '../../core/glob.ts';
import { parseAddress } from './addresses.ts';
import { type FieldType, fieldType } from './field-type.ts';
import type { Leaf } from './flatten.ts';
import type { Mapping } from './mapping.ts';

/** What is known of the fields of all documents, from the mapping and from the documents themselves. */
export interface MappedFields {
  /** Counts up whenever a field's type became known or changed. */
  version(): number;
  /** Learns from a document's values. */
  observe(name: string, values: readonly Leaf[]): void;
  /** A field's type; undefined when no document and no mapping has it. */
  type(name: string): FieldType | undefined;
  /** The type that the mapping gives a field; undefined where it says nothing of it. */
  mappedType(name: string): FieldType | undefined;
  /** Names that match a pattern with `*`. */
  matching(pattern: string): readonly string[];
  /** Names of the fields beneath an object. */
  beneath(object: string): readonly string[];
}

/** Strings of these fields are analysed; without a mapping all others are keywords. */
const TEXT = new Set(['message', 'error.message', 'error.stack_trace', 'body.text']);

/** What Elasticsearch keeps of every document beside its source; `_id` and `_index` are known here too. */
const METADATA = new Set(
  '_ignored _source _routing _field_names _nested_path _version _seq_no _primary_term _doc_count _size _tier _tsid'.split(' '),
);

const SEEN = { number: 1, boolean: 2, numeric: 4, date: 8, address: 16, words: 32, large: 64, fraction: 128 } as const;

/** What is seen of texts; only these have multi-fields. */
const TEXTS = SEEN.numeric | SEEN.date | SEEN.address | SEEN.words;

const NUMERIC = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** Starts with what the mapping says. */
export function createFields(mapping: Mapping): MappedFields {
  const seen = new Map<string, number>();
  const types = new Map<string, FieldType | undefined>();
  let version = 0;

  const mapped = (name: string): FieldType | undefined | 'unknown' => {
    if (METADATA.has(name)) return { kind: 'other', name: 'a metadata field', from: name, unseen: true };
    const own = mapping.fields.get(name);
    if (own !== undefined) return own;
    const alias = mapping.aliases.get(name);
    if (alias !== undefined) return mapping.fields.get(alias) ?? 'unknown';
    for (const prefix of mapping.passthrough) {
      const through = mapping.fields.get(prefix + name);
      if (through !== undefined) return through;
    }
    for (const [prefix, type] of mapping.subtrees) {
      if (name.startsWith(prefix)) return type === undefined ? undefined : { ...type, from: name };
    }
    return mapping.open ? 'unknown' : undefined;
  };
  const resolve = (name: string): FieldType | undefined => {
    const known = mapped(name);
    if (known !== 'unknown') return known;
    const mask = seen.get(name);
    return mask === undefined ? conventional(name, seen) : inferred(name, mask);
  };
  const names = () => new Set([...mapping.fields.keys(), ...mapping.aliases.keys(), ...seen.keys()]);

  return {
    version: () => version,
    observe: (name, values) => {
      const before = seen.get(name) ?? 0;
      const after = values.reduce<number>((mask, value) => ((mask & SEEN.words) === 0 ? mask | look(value) : mask), before);
      if (after === before) return;
      seen.set(name, after);
      types.clear();
      version += 1;
    },
    type: (name) => {
      if (!types.has(name)) types.set(name, resolve(name));
      return types.get(name);
    },
    mappedType: (name) => {
      const known = mapped(name);
      return known === 'unknown' ? undefined : known;
    },
    matching: (pattern) => {
      const matches = nameTest(pattern);
      return [...names()].filter(matches);
    },
    beneath: (object) => [...names()].filter((name) => name.startsWith(`${object}.`)),
  };
}

function look(value: Leaf): number {
  if (typeof value === 'bigint') return SEEN.large;
  if (typeof value === 'number') return isLong(value) ? SEEN.number : SEEN.fraction;
  if (typeof value === 'boolean') return SEEN.boolean;
  if (DATE.test(value)) return SEEN.date;
  if (NUMERIC.test(value)) return SEEN.numeric;
  return parseAddress(value) === undefined ? SEEN.words : SEEN.address;
}

function isLong(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

function inferred(name: string, mask: number): FieldType {
  if (name === '@timestamp') return fieldType('date', name);
  if (TEXT.has(name)) return fieldType('text', name);
  const isNumeric = (mask & ~(SEEN.number | SEEN.fraction | SEEN.large | SEEN.numeric)) === 0;
  // A double would round what is beyond 2^53, a long would lose fractions.
  if (isNumeric && ((mask & SEEN.fraction) !== 0 || ((mask & SEEN.number) !== 0 && (mask & SEEN.large) === 0)))
    return fieldType('double', name);
  if (isNumeric && (mask & SEEN.large) !== 0) return fieldType('long', name);
  if (mask === SEEN.boolean) return fieldType('boolean', name);
  if (mask === SEEN.date) return fieldType('date', name);
  if (mask === SEEN.address && /(?:^|\.)ip$/.test(name)) return fieldType('ip', name);
  return fieldType('keyword', name);
}

/** Multi-fields by their customary names: `message.keyword`, and `error.stack_trace.text` of the ECS mapping. */
function conventional(name: string, seen: ReadonlyMap<string, number>): FieldType | undefined {
  const parent = name.replace(/\.(?:keyword|text)$/, '');
  if (parent === name || ((seen.get(parent) ?? 0) & TEXTS) === 0) return undefined;
  return fieldType(name.endsWith('.text') ? 'text' : 'keyword', parent);
}
