import { own, put } from '../../core/record.ts';
import type { Instant } from '../../core/time.ts';
import type { GroupRow } from '../../search/answer.ts';
import { mayBeTime, timeMetrics } from '../../search/dated-metrics.ts';
import { flattenedKey } from '../../search/field-problems.ts';
import { groupKey } from '../../search/group-key.ts';
import type { Group, GroupsQuery, Value } from '../../search/query.ts';
import { keyOf, type StoredDocument, showTerm, type Term, toTerm, type ValueColumn } from './column.ts';
import type { DocumentStore } from './documents.ts';
import type { Filters } from './filters.ts';
import { checkAggregatable, checkNoObject, type Measure, measureOf } from './measures.ts';
import { QueryRefusal } from './refusal.ts';
import { compareTerms } from './term-tests.ts';

/** Groups of documents, and the counts outside them. */
export interface Grouped {
  readonly rows: readonly GroupRow[];
  readonly matched: number;
  readonly ungrouped: number;
  /** Number of all groups, those beyond `maxGroups` included. */
  readonly found: number;
  readonly truncated: boolean;
  /** Metrics of fields that are dates. */
  readonly dates: readonly string[];
}

/**
 * Groups documents, oldest first, as Elasticsearch does: a document with several values is in several groups; by one field the largest groups
 * come first, by several fields and in buckets they come in the order of their values. Without group_by there is one group. With `bucket`, a group has a
 * row for each bucket that holds documents of it. `matched` under `only` counts the documents of those groups alone.
 */
export function groupDocuments(
  query: GroupsQuery,
  documents: DocumentStore,
  filters: Filters,
  within: readonly StoredDocument[],
): Grouped {
  for (const field of query.groupBy) checkNoObject(documents, field, 'group by');
  const columns = query.groupBy.map((field) => documents.column(field));
  for (const column of columns) if (column !== undefined) checkAggregatable(column, documents.fields);
  checkFlattened(query, columns);
  const metrics = Object.entries(query.metrics).map(
    ([name, metric]) => [name, measureOf(name, metric, documents, filters)] as const,
  );
  const dated = timeMetrics(query.metrics).flatMap(([name, field]) =>
    documents.column(field)?.type.kind === 'date' ? [name] : [],
  );
  const makeTally = (): Tally => ({ docs: 0, measures: metrics.map(([name, make]) => [name, make()] as const) });
  const shelf = createShelf(query, columns, makeTally);
  let matched = 0;
  let ungrouped = 0;
  for (const document of within) {
    const paths = pathsOf(document, columns, query.missing === 'include');
    const collected = paths.map((path) => shelf.at(path)).filter((one) => one !== undefined);
    if (paths.length === 0 && query.only === undefined) ungrouped += document.count;
    if (collected.length > 0 || query.only === undefined) matched += document.count;
    const bucket = bucketOf(query, documents, document);
    for (const group of collected) group.add(document, bucket);
  }
  const groups = shelf.groups().sort(query.groupBy.length === 1 && query.bucket === undefined ? largestFirst : byPath);
  const most = query.only === undefined && query.groupBy.length > 0 ? query.maxGroups : groups.length;
  const rows = groups.slice(0, most).flatMap((group) => group.rows());
  const dates = dated.filter((name) => mayBeTime(rows, name));
  return { rows, matched, ungrouped, found: groups.length, truncated: groups.length > most, dates };
}

/** Elasticsearch counts keys of flattened objects right in its simplest question alone: a rule must not pass its tests and fail there. */
function checkFlattened({ groupBy, bucket, only }: GroupsQuery, columns: readonly (ValueColumn | undefined)[]): void {
  const keyed = columns.find((column) => column?.type.flattened === 'keyed');
  if (keyed === undefined || (groupBy.length === 1 && bucket === undefined && only === undefined)) return;
  throw new QueryRefusal('bad_mapping', flattenedKey(keyed.field, keyed.type.object ?? keyed.field).message);
}

/** Groups that a person wrote, with the values that rows have; a value that its field does not understand is left as it was written. */
export function groupsAsWritten({ groupBy }: GroupsQuery, named: readonly Group[], documents: DocumentStore): readonly Group[] {
  return named.map((group) =>
    Object.fromEntries(groupBy.map((field) => [field, valueIn(own(group, field) ?? null, field, documents)])),
  );
}

function valueIn(value: string | null, field: string, documents: DocumentStore): string | null {
  const type = documents.column(field)?.type;
  const term = value === null || type === undefined ? undefined : toTerm(type, value);
  return term === undefined || type === undefined ? value : showTerm(type, term);
}

/** The values that make a group, one a field; null where `missing: include` found none. */
type Path = readonly (Term | null)[];

interface Tally {
  docs: number;
  readonly measures: readonly (readonly [string, Measure])[];
}

interface Collected {
  readonly path: Path;
  docs(): number;
  add(document: StoredDocument, bucket: Instant): void;
  rows(): readonly GroupRow[];
}

/** Every combination of a document's values; none when a field has no value, unless that counts as a value itself. */
function pathsOf(document: StoredDocument, columns: readonly (ValueColumn | undefined)[], include: boolean): readonly Path[] {
  let paths: readonly Path[] = [[]];
  for (const column of columns) {
    const terms = inMillis(column, column?.terms(document) ?? []);
    const values = terms.length > 1 ? [...new Set(terms)] : terms.length === 0 && include ? [null] : terms;
    paths = paths.flatMap((path) => values.map((value) => [...path, value]));
  }
  return paths;
}

/** Aggregations know no time finer than a millisecond. */
function inMillis(column: ValueColumn | undefined, terms: readonly Term[]): readonly Term[] {
  return column?.type.name === 'date_nanos' ? terms.map((term) => Math.floor(Number(term))) : terms.map(keyOf);
}

interface Shelf {
  /** The group of a path; undefined when it was not asked for. */
  at(path: Path): Collected | undefined;
  groups(): Collected[];
}

type Branch = Map<Term | null, Branch | Collected | undefined>;

function createShelf(query: GroupsQuery, columns: readonly (ValueColumn | undefined)[], makeTally: () => Tally): Shelf {
  const wanted = query.only === undefined ? undefined : new Set(query.only.map((group) => groupKey(query.groupBy, group)));
  const groups: Collected[] = [];
  const root: Branch = new Map();
  const open = (path: Path): Collected | undefined => {
    const group = groupOf(query.groupBy, columns, path);
    if (wanted !== undefined && !wanted.has(groupKey(query.groupBy, group))) return undefined;
    const made = collect(path, group, query.bucket !== undefined, makeTally);
    groups.push(made);
    return made;
  };
  if (columns.length === 0) open([]);
  return {
    at: (path) => {
      const last = path.at(-1);
      if (last === undefined) return groups[0];
      let branch = root;
      for (const value of path.slice(0, -1)) branch = branchAt(branch, value);
      if (!branch.has(last)) branch.set(last, open(path));
      return branch.get(last) as Collected | undefined;
    },
    groups: () => groups,
  };
}

function branchAt(branch: Branch, value: Term | null): Branch {
  const known = branch.get(value);
  if (known instanceof Map) return known;
  const made: Branch = new Map();
  branch.set(value, made);
  return made;
}

function collect(path: Path, group: Group, inBuckets: boolean, makeTally: () => Tally): Collected {
  const whole = makeTally();
  const buckets = new Map<Instant, Tally>();
  return {
    path,
    docs: () => whole.docs,
    add: (document, bucket) => {
      whole.docs += document.count;
      const tally = inBuckets ? (buckets.get(bucket) ?? makeTally()) : whole;
      if (inBuckets) {
        buckets.set(bucket, tally);
        tally.docs += document.count;
      }
      for (const [, measure] of tally.measures) measure.add(document);
    },
    rows: () =>
      inBuckets
        ? [...buckets].sort(([a], [b]) => a - b).map(([bucket, tally]) => ({ ...rowOf(group, tally), bucket }))
        : [rowOf(group, whole)],
  };
}

function rowOf(group: Group, tally: Tally): GroupRow {
  const values: Record<string, Value | null> = {};
  for (const [name, measure] of tally.measures) put(values, name, measure.value());
  return { group, docs: tally.docs, values };
}

function bucketOf(query: GroupsQuery, documents: DocumentStore, document: StoredDocument): Instant {
  const { bucket, window, source } = query;
  if (bucket === undefined) return window.from;
  const time = documents.time(document, source.timeField) ?? window.from;
  return window.from + Math.floor((time - window.from) / bucket) * bucket;
}

function groupOf(fields: readonly string[], columns: readonly (ValueColumn | undefined)[], path: Path): Group {
  const group: Record<string, string | null> = {};
  fields.forEach((field, at) => {
    const term = path[at] ?? null;
    const column = columns[at];
    put(group, field, term === null || column === undefined ? null : showTerm(column.type, term));
  });
  return group;
}

function largestFirst(a: Collected, b: Collected): number {
  return b.docs() - a.docs() || byPath(a, b);
}

function byPath(a: Collected, b: Collected): number {
  for (const [at, left] of a.path.entries()) {
    const right = b.path[at] ?? null;
    const order = left === null || right === null ? Number(left !== null) - Number(right !== null) : compareTerms(left, right);
    if (order !== 0) return order;
  }
  return 0;
}
