import { type Numeric, parseNumeric } from '../../search/numeric-types.ts';
import { parseAddress, showAddress } from './addresses.ts';
import { DEFAULT_FORMAT } from './date-format.ts';
import type { FieldType } from './field-type.ts';
import type { Leaf, Leaves } from './flatten.ts';
import { lowerCase } from './lower-case.ts';

/** One document as it is searched. */
export interface StoredDocument {
  /** Position in the order of insertion; caches are indexed by it. */
  readonly ordinal: number;
  readonly id: string;
  /** Absent: it belongs to every index. */
  readonly index: string | undefined;
  /** When it became visible to searches; absent: always. */
  readonly arrivedAt: number | undefined;
  readonly leaves: Leaves;
  /** `_doc_count`: how many documents it stands for. */
  readonly count: number;
}

/** A value in the form in which its field compares: dates as ms, booleans as 0 and 1, addresses as hexadecimal digits. */
export type Term = string | Numeric;

/** The values of one field over all documents, converted once. */
export interface ValueColumn {
  readonly field: string;
  readonly type: FieldType;
  /** Values as they are indexed: none where the document has none that fits; keywords without repetition. */
  terms(document: StoredDocument): readonly Term[];
  /** Tokens of each value, for text. */
  tokens(document: StoredDocument): readonly (readonly string[])[];
}

const NONE: readonly never[] = [];

/** Makes a column; `analyse` cuts a text into tokens. */
export function createColumn(field: string, type: FieldType, analyse: (text: string) => readonly string[]): ValueColumn {
  const terms: (readonly Term[] | undefined)[] = [];
  const tokens: (readonly (readonly string[])[] | undefined)[] = [];
  const read = (document: StoredDocument): readonly Leaf[] => leavesOf(document, field, type);
  const column: ValueColumn = {
    field,
    type,
    terms: (document) => {
      const known = terms[document.ordinal];
      if (known !== undefined) return known;
      const converted = convertAll(type, read(document));
      terms[document.ordinal] = converted;
      return converted;
    },
    tokens: (document) => {
      const known = tokens[document.ordinal];
      if (known !== undefined) return known;
      const values = read(document);
      const cut = values.length === 0 ? NONE : values.map((value) => analyse(String(value)));
      tokens[document.ordinal] = cut;
      return cut;
    },
  };
  return column;
}

/** A document's own values of a field, unchanged. */
export function leavesOf(document: StoredDocument, field: string, type: FieldType): readonly Leaf[] {
  if (field === '_id') return [document.id];
  if (field === '_index') return document.index === undefined ? NONE : [document.index];
  if (type.flattened === 'whole') return valuesBeneath(document, field);
  const leaves = document.leaves.get(type.from) ?? document.leaves.get(field);
  return leaves ?? (type.constant === undefined ? NONE : [type.constant]);
}

/** Every value of a `flattened` object, whatever its key. */
function valuesBeneath({ leaves }: StoredDocument, object: string): readonly Leaf[] {
  const prefix = `${object}.`;
  return [...leaves].flatMap(([path, values]) => (path.startsWith(prefix) ? values : []));
}

function convertAll(type: FieldType, leaves: readonly Leaf[]): readonly Term[] {
  if (leaves.length === 0) return NONE;
  const [first] = leaves;
  if (leaves.length === 1 && first !== undefined) {
    const one = toTerm(type, first);
    return one === undefined ? NONE : [one];
  }
  const all = leaves.map((leaf) => toTerm(type, leaf)).filter((term) => term !== undefined);
  return type.kind === 'keyword' || type.kind === 'ip' ? [...new Set(all)] : all;
}

/** One value of a document as its field indexes it; undefined when it does not fit. */
export function toTerm(type: FieldType, leaf: Leaf): Term | undefined {
  switch (type.kind) {
    case 'number':
      return toNumber(type, leaf);
    case 'boolean':
      return leaf === true || leaf === 'true' ? 1 : leaf === false || leaf === 'false' || leaf === '' ? 0 : undefined;
    case 'date': {
      const date = typeof leaf === 'boolean' ? undefined : type.dates?.parse(leaf);
      return date === undefined || type.name === 'date_nanos' ? date : Math.floor(date);
    }
    case 'ip':
      return typeof leaf === 'string' ? parseAddress(leaf) : undefined;
    default: {
      const text = type.folded === true ? lowerCase(String(leaf)) : String(leaf);
      return type.ignoreAbove !== undefined && text.length > type.ignoreAbove ? undefined : text;
    }
  }
}

function toNumber({ numeric }: FieldType, leaf: Leaf): Numeric | undefined {
  if (numeric === undefined || typeof leaf === 'boolean') return undefined;
  // A number -0 is written as 0 when a document is sent.
  const number = typeof leaf === 'string' ? parseNumeric(numeric, leaf) : leaf === 0 ? 0 : leaf;
  return number === undefined ? undefined : numeric.store(number);
}

/** A term as a key that distinguishes 0 from -0, as Elasticsearch does. */
export function keyOf(term: Term): Term {
  return Object.is(term, -0) ? '-0' : term;
}

/** A term as text, as group values are written: integers without decimals, `true` and `false`, dates in ISO 8601. */
export function showTerm(type: FieldType, term: Term): string {
  if (type.kind === 'boolean') return term === 1 ? 'true' : 'false';
  if (type.kind === 'date') return DEFAULT_FORMAT.print(Number(term));
  return type.kind === 'ip' ? showAddress(String(term)) : String(term);
}

/** A term as a value of an answer: text, number or truth. */
export function termValue(type: FieldType, term: Term): string | Numeric | boolean {
  if (type.kind === 'number') return term;
  if (type.kind === 'date') return (type.dates ?? DEFAULT_FORMAT).print(Number(term));
  return type.kind === 'boolean' ? term === 1 : showTerm(type, term);
}
