import { dateAsNumber, objectField, textFieldHint } from '../../search/field-problems.ts';
import type { Metric, Value } from '../../search/query.ts';
import { valueOfSet } from '../../search/value-set.ts';
import { keyOf, type StoredDocument, type Term, termValue, type ValueColumn } from './column.ts';
import type { DocumentStore } from './documents.ts';
import type { MappedFields } from './fields.ts';
import type { Filters } from './filters.ts';
import type { Predicate } from './predicate.ts';
import { QueryRefusal, unsupported } from './refusal.ts';
import { compareTerms } from './term-tests.ts';

/** A metric over the documents of one group, which come oldest first. */
export interface Measure {
  add(document: StoredDocument): void;
  /** Null where no document had a value. */
  value(): Value | null;
}

/** Reads a metric; gives what makes a fresh measure for each group. Throws a QueryRefusal for fields of the wrong type. */
export function measureOf(name: string, metric: Metric, documents: DocumentStore, filters: Filters): () => Measure {
  const where = metric.where === undefined ? undefined : filters.of(metric.where);
  if (metric.of !== 'count') checkNoObject(documents, metric.field, 'measure');
  if (metric.of === 'last' && metric.number === true && documents.fields.mappedType(metric.field)?.kind === 'date')
    throw new QueryRefusal('bad_mapping', dateAsNumber(name, metric.field).message);
  const make = metric.of === 'count' ? countDocuments : readFieldMetric(metric, documents.column(metric.field), documents.fields);
  return where === undefined ? make : () => narrowed(make(), where);
}

function narrowed(measure: Measure, where: Predicate): Measure {
  return {
    add: (document) => {
      if (where(document)) measure.add(document);
    },
    value: measure.value,
  };
}

function countDocuments(): Measure {
  let count = 0;
  return {
    add: (document) => {
      count += document.count;
    },
    value: () => count,
  };
}

type FieldMetric = Exclude<Metric, { readonly of: 'count' }>;

function readFieldMetric(metric: FieldMetric, column: ValueColumn | undefined, fields: MappedFields): () => Measure {
  if (column === undefined) return () => ({ add: () => {}, value: () => (metric.of === 'value_count' ? 0 : null) });
  checkAggregatable(column, fields);
  if (metric.of === 'last') return metric.all === true ? () => lastSet(column) : () => lastValue(column);
  if (metric.of === 'cardinality') return () => distinctValues(column);
  if (metric.of === 'value_count') return () => countValues(column);
  checkNumeric(column, metric.of);
  if (metric.of === 'percentile') return () => percentile(column, metric.percent);
  const { of } = metric;
  return () => overNumbers(column, of);
}

/** Refuses fields that Elasticsearch keeps no sorted values of. */
export function checkAggregatable({ field, type }: ValueColumn, fields: MappedFields): void {
  if (field === '_id') throw new QueryRefusal('bad_mapping', '_id cannot be grouped or counted by value');
  if (type.kind === 'text') {
    const keywords = fields.beneath(field).filter((name) => fields.mappedType(name)?.name === 'keyword');
    const message = `${field} is text, which cannot be grouped or counted by value`;
    throw new QueryRefusal('bad_mapping', message, textFieldHint(field, keywords));
  }
  if (type.docValues === false)
    throw new QueryRefusal(
      'bad_mapping',
      `${field} has \`doc_values: false\`: it cannot be grouped, measured or counted by value`,
    );
  if (type.kind === 'other') throw unsupported(`queries on ${field}, of type ${type.name}`);
}

/** Refuses an object of fields. */
export function checkNoObject({ column, fields }: DocumentStore, field: string, use: 'group by' | 'measure'): void {
  if (column(field) !== undefined) return;
  const beneath = fields.beneath(field);
  if (beneath.length > 0) throw new QueryRefusal('bad_mapping', objectField(field, beneath, use).message);
}

function checkNumeric({ field, type }: ValueColumn, metric: string): void {
  if (type.kind === 'number' || type.kind === 'boolean' || type.kind === 'date') return;
  throw new QueryRefusal('bad_mapping', `${field} is of type ${type.name}, which does not support ${metric}`);
}

/** Of several values of the newest document the greatest, as Elasticsearch keeps them sorted. */
function lastValue(column: ValueColumn): Measure {
  let last: Term | undefined;
  return {
    add: (document) => {
      const terms = column.terms(document);
      last = terms.length > 1 ? terms.toSorted(compareTerms).at(-1) : (terms[0] ?? last);
    },
    value: () => (last === undefined ? null : termValue(column.type, last)),
  };
}

/** All values of the newest document that has one, in order. */
function lastSet(column: ValueColumn): Measure {
  let last: readonly Term[] = [];
  return {
    add: (document) => {
      const terms = column.terms(document);
      if (terms.length > 0) last = terms;
    },
    value: () => valueOfSet(last.toSorted(compareTerms).map((term) => termValue(column.type, term))),
  };
}

function distinctValues(column: ValueColumn): Measure {
  const seen = new Set<Term>();
  return {
    add: (document) => {
      for (const term of column.terms(document)) seen.add(keyOf(term));
    },
    value: () => (seen.size === 0 ? null : seen.size),
  };
}

function countValues(column: ValueColumn): Measure {
  let count = 0;
  return {
    add: (document) => {
      count += column.terms(document).length;
    },
    value: () => count,
  };
}

/** Sums with Kahan's compensation, as Elasticsearch does. */
function overNumbers(column: ValueColumn, of: 'avg' | 'min' | 'max' | 'sum'): Measure {
  let count = 0;
  let sum = 0;
  let lost = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  return {
    add: (document) => {
      for (const term of column.terms(document)) {
        const number = Number(term);
        const corrected = number + lost;
        const next = sum + corrected;
        lost = corrected - (next - sum);
        sum = next;
        count += 1;
        if (number < min) min = number;
        if (number > max) max = number;
      }
    },
    value: () => {
      if (count === 0) return null;
      return of === 'avg' ? sum / count : of === 'sum' ? sum : of === 'min' ? min : max;
    },
  };
}

/** Exact, with straight lines between neighbours; Elasticsearch approximates by t-digest, close to this for small numbers of values. */
function percentile(column: ValueColumn, percent: number): Measure {
  const values: number[] = [];
  return {
    add: (document) => {
      for (const term of column.terms(document)) values.push(Number(term));
    },
    value: () => {
      values.sort((a, b) => a - b);
      const place = (Math.min(100, Math.max(0, percent)) / 100) * (values.length - 1);
      const below = values[Math.floor(place)];
      const above = values[Math.ceil(place)];
      return below === undefined || above === undefined ? null : below + (above - below) * (place - Math.floor(place));
    },
  };
}
