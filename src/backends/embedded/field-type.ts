import { own } from '../../core/record.ts';
import { type NumericType, numericType } from '../../search/numeric-types.ts';
import { type DateFormat, DEFAULT_FORMAT } from './date-format.ts';

/** How a field's values are compared; `other` is a mapped type that this backend cannot answer for. */
type FieldKind = 'text' | 'keyword' | 'number' | 'boolean' | 'date' | 'ip' | 'other';

/** What is known of one field. */
export interface FieldType {
  readonly kind: FieldKind;
  /** The type as Elasticsearch names it, for messages: `long`, `keyword`. */
  readonly name: string;
  /** The path of its values in a document; another path than its own for a multi-field such as `message.keyword`. */
  readonly from: string;
  /** False: no values are kept for groups, metrics and sorting (`doc_values: false`). */
  readonly docValues?: false;
  /** False: the field is not indexed, and can be asked about by its doc values alone. */
  readonly indexed?: false;
  /** True: values and questions are folded to lower case (`normalizer: lowercase`). */
  readonly folded?: true;
  /** Set for a field of a `flattened` object; `keyed` for one of its keys. */
  readonly flattened?: 'whole' | 'keyed';
  /** The flattened object that a key belongs to; there for `keyed` only. */
  readonly object?: string;
  /** Longest keyword that is indexed, in characters. */
  readonly ignoreAbove?: number;
  /** True: a document does not show whether Elasticsearch finds a value in it (nested, runtime and metadata fields). */
  readonly unseen?: true;
  /** The value that every document has (constant_keyword). */
  readonly constant?: string;
  /** How dates are read and shown; there for the kind `date` only. */
  readonly dates?: DateFormat;
  /** How numbers are stored and read; there for the kind `number` only. */
  readonly numeric?: NumericType;
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

/** A type of this backend for a type of Elasticsearch; an unknown name gives the kind `other`. */
export function fieldType(name: string, from: string, scalingFactor?: number): FieldType {
  const kind = own(KINDS, name) ?? 'other';
  if (kind === 'date') return { kind, name, from, dates: DEFAULT_FORMAT };
  const numeric = numericType(name, scalingFactor);
  return numeric === undefined ? { kind, name, from } : { kind, name, from, numeric };
}
