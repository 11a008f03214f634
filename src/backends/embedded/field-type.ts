import { own } from '../../core/record.ts';
/** How a field's values are compared; `other` is a mapped type that this backend cannot answer for. */
export type FieldKind = 'text' | 'keyword' | 'number' | 'boolean' | 'date' | 'ip' | 'other';

/** What is known of one field. */
export interface FieldType {
  readonly kind: FieldKind;
  /** The type as Elasticsearch names it, for messages: `long`, `keyword`. */
  readonly name: string;
  /** Where its values stand in a document; another path than its own for a multi-field such as `message.keyword`. */
  readonly from: string;
  /** Longest keyword that is indexed, in characters. */
  readonly ignoreAbove?: number;
  /** The value that every document has (constant_keyword). */
  readonly constant?: string;
  /** Numbers as they are stored: integers lose their decimals, floats half their digits. */
  readonly store?: (value: number) => number;
}

const KINDS: Readonly<Record<string, FieldKind>> = {
  text: 'text',
  match_only_text: 'text',
  keyword: 'keyword',
  constant_keyword: 'keyword',
  wildcard: 'keyword',
  flattened: 'keyword',
  version: 'other',
  long: 'number',
  integer: 'number',
  short: 'number',
  byte: 'number',
  unsigned_long: 'number',
  double: 'number',
  float: 'number',
  half_float: 'number',
  scaled_float: 'number',
  boolean: 'boolean',
  date: 'date',
  date_nanos: 'date',
  ip: 'ip',
};

const INTEGERS = new Set(['long', 'integer', 'short', 'byte', 'unsigned_long']);

/** A type of this backend for a type of Elasticsearch; an unknown name gives the kind `other`. */
export function fieldType(name: string, from: string): FieldType {
  const kind = own(KINDS, name) ?? 'other';
  if (INTEGERS.has(name)) return { kind, name, from, store: Math.trunc };
  if (name === 'float') return { kind, name, from, store: Math.fround };
  return { kind, name, from };
}
