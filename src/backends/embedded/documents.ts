import type { JsonObject } from '../../core/json.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import { createColumn, leavesOf, type StoredDocument, type ValueColumn } from './column.ts';
import { type DateFormat, DEFAULT_FORMAT } from './date-format.ts';
import { fieldType } from './field-type.ts';
import { createFields, type MappedFields } from './fields.ts';
import { addCopies, addNames, flatten, type Leaf } from './flatten.ts';
import { NO_MAPPING, readMapping } from './mapping.ts';
import { otelNames } from './otel-fields.ts';
import { analyse } from './text-analysis.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** Field that says how many documents a document stands for. */
export const DOC_COUNT = '_doc_count';

/** A document to be searched. */
export interface GivenDocument {
  readonly source: JsonObject;
  /** The index or data stream it lies in; without one it belongs to every index. */
  readonly index?: string;
  readonly id?: string;
  /** Searches see it from then on; without it, always. */
  readonly arrivedAt?: Instant;
}

/** Documents in memory, in the order of each time field that is asked for; more can be added at any time. */
export interface DocumentStore {
  add(documents: readonly GivenDocument[]): void;
  /** How many documents there are. */
  size(): number;
  readonly fields: MappedFields;
  /** The values of a field; undefined when nothing is known of the field. The same object as long as its type stays. */
  column(field: string): ValueColumn | undefined;
  /** Documents whose first value of the time field lies in the range, oldest first, in insertion order where times are equal. */
  within(timeField: string, range: TimeRange): readonly StoredDocument[];
  /** How a field's dates are read. */
  dates(field: string): DateFormat;
  /** Documents whose value of a time field is not a date, or probably not the intended one: no window finds them. */
  strangeTimes(timeField: string): StrangeTimes;
  /** Whether a document has several values of a time field, and so may lie in several windows. */
  hasSeveralTimes(timeField: string): boolean;
  /** A document's time by the field that a search sorts by, ms with what is finer as a fraction. */
  time(document: StoredDocument, timeField: string): number | undefined;
  /** Whether any document lies in an index that passes. */
  hasIndex(matches: (index: string) => boolean): boolean;
}

/** What is strange about the times of documents: how many are concerned, and the value of the first. */
interface StrangeTimes {
  readonly unreadable: { readonly count: number; readonly example: string } | undefined;
  /** Numbers that read as milliseconds of 1970 are seconds, as a rule. */
  readonly ancient: { readonly count: number; readonly example: string } | undefined;
}

/** A year after 1970, ms: what numbers of seconds since 1970 stay below for a long time. */
const ANCIENT = 31_536_000_000;

/** Makes a store; `mapping` is what `PUT index` takes under `mappings`. Other fields are typed by ECS and by their values. */
export function createDocuments(options: { readonly mapping?: JsonObject } = {}): DocumentStore {
  const mapping = options.mapping === undefined ? NO_MAPPING : readMapping(options.mapping);
  const fields = createFields(mapping);
  const documents: StoredDocument[] = [];
  const indices = new Set<string | undefined>();
  const columns = new Map<string, ValueColumn>();
  const timelines = new Map<string, Timeline>();

  const insert = (given: GivenDocument) => {
    const leaves = flatten(given.source, mapping.nulls);
    addCopies(leaves, given.source, mapping);
    addNames(leaves, mapping);
    const otel = otelNames(given.index);
    if (otel !== undefined) addNames(leaves, otel);
    for (const [name, values] of leaves) if (name !== DOC_COUNT) fields.observe(name, values);
    const ordinal = documents.length;
    const document: StoredDocument = {
      ordinal,
      id: given.id ?? `document-${ordinal + 1}`,
      index: given.index,
      arrivedAt: given.arrivedAt,
      leaves,
      count: docCount(leaves.get(DOC_COUNT)),
    };
    documents.push(document);
    indices.add(given.index);
    for (const timeline of timelines.values()) timeline.insert(document);
  };
  const datesOf = (field: string) => fields.mappedType(field)?.dates ?? DEFAULT_FORMAT;
  // A time field may also be an alias, or a multi-field.
  const momentsOf = (document: StoredDocument, field: string): readonly Leaf[] => {
    const type = fields.mappedType(field);
    return (type === undefined ? document.leaves.get(field) : leavesOf(document, field, type)) ?? [];
  };
  const valuesLike = (field: string, isStrange: (value: Leaf, time: number | undefined) => boolean) => {
    const dates = datesOf(field);
    const strange = documents.flatMap((document) => {
      const [first] = momentsOf(document, field);
      return first !== undefined && isStrange(first, dates.parse(first)) ? [String(first)] : [];
    });
    const [example] = strange;
    return example === undefined ? undefined : { count: strange.length, example };
  };
  const timelineOf = (timeField: string): Timeline => {
    const known = timelines.get(timeField);
    if (known !== undefined) return known;
    const made = createTimeline((document) => datesIn(datesOf(timeField), momentsOf(document, timeField)));
    for (const document of documents) made.insert(document);
    timelines.set(timeField, made);
    return made;
  };
  return {
    add: (given) => {
      for (const one of given) insert(one);
    },
    size: () => documents.length,
    fields,
    column: (field) => {
      const type = field === '_id' || field === '_index' ? fieldType('keyword', field) : fields.type(field);
      if (type === undefined) return undefined;
      const known = columns.get(field);
      if (known !== undefined && sameType(known.type, type)) return known;
      const made = createColumn(field, type, analyse);
      columns.set(field, made);
      return made;
    },
    within: (timeField, range) => timelineOf(timeField).within(range),
    dates: datesOf,
    strangeTimes: (timeField) => ({
      unreadable: valuesLike(timeField, (_value, time) => time === undefined),
      ancient: valuesLike(
        timeField,
        (value, time) => typeof value === 'number' && time !== undefined && Math.abs(time) < ANCIENT,
      ),
    }),
    hasSeveralTimes: (timeField) => timelineOf(timeField).hasSeveral(),
    time: (document, timeField) => timelineOf(timeField).time(document),
    hasIndex: (matches) => [...indices].some((index) => index === undefined || matches(index)),
  };
}

function sameType(a: ValueColumn['type'], b: ValueColumn['type']): boolean {
  return a === b || (a.name === b.name && a.from === b.from && a.numeric === b.numeric && a.dates === b.dates);
}

function datesIn(dates: DateFormat, values: readonly Leaf[]): readonly number[] {
  return values.flatMap((value) => dates.parse(value) ?? []);
}

function docCount(values: readonly Leaf[] | undefined): number {
  const count = values?.[0];
  return typeof count === 'number' && Number.isInteger(count) && count > 0 ? count : 1;
}
