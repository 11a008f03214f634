import { isObject } from '../core/json.ts';
import type { Position } from '../core/problems.ts';
import { kqlMentionsIn } from '../kql/kql.ts';
import { fieldsOfDsl, rangesOfDsl } from '../search/fields-of-dsl.ts';
import { fieldsOfLucene } from '../search/fields-of-lucene.ts';
import { documentFields } from '../templates/document-fields.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { formatPath, type Path } from '../yaml/path.ts';
import type { CommonKeys } from './common-keys.ts';

/**
 * What a field is named for. query, filter: a condition that documents must meet, of the rule or of one metric (`not`: that they must not
 * meet); metric: it is measured; series: it distinguishes counters; value: the rule type watches it; evidence, message: it is shown.
 */
export type FieldRole =
  | 'query'
  | 'not-query'
  | 'filter'
  | 'not-filter'
  | 'metric'
  | 'group_by'
  | 'series'
  | 'value'
  | 'evidence'
  | 'message';

/** A field that a rule names, and the place in the rule's file where it does. */
export interface NamedField {
  readonly field: string;
  readonly role: FieldRole;
  /** What a range compares it with, where it does. */
  readonly compared?: string;
  /** The key, as problems show it: `metrics.errors.count`. */
  readonly path: string;
  readonly at: Position;
}

type Keys = Readonly<Record<string, unknown>>;

/** Keys of rule types that name fields. */
const WATCHED = ['field', 'key'] as const;
/** Keys of a metric that name no field. */
const NO_FIELD: ReadonlySet<string> = new Set(['count', 'where', 'as', 'by', 'unit', 'label']);
/** What Elasticsearch keeps of every document beside its fields. */
const METADATA: ReadonlySet<string> = new Set(
  '_id _index _source _ignored _routing _tier _doc_count _field_names _size _seq_no _version _nested_path _ignored_source'.split(
    ' ',
  ),
);

/**
 * Every field that a rule names itself, each time it does, from top to bottom of its keys; metadata and patterns of what is shown are left out, and so are
 * fields to show that are inherited from `defaults.yaml`: those are meant for many sources. Columns of ES|QL are not fields.
 */
export function namedFields(common: CommonKeys, own: Keys, document: YamlDocument): readonly NamedField[] {
  const name = (
    field: unknown,
    role: FieldRole,
    path: Path,
    at = document.place(path),
    compared?: string,
  ): readonly NamedField[] =>
    typeof field === 'string' && isNamed(field, role)
      ? [{ field, role, path: formatPath(path), at, ...(compared !== undefined && { compared }) }]
      : [];
  const list = (given: unknown, role: FieldRole, path: Path) =>
    Array.isArray(given) ? given.flatMap((field, index) => name(field, role, [...path, index])) : name(given, role, path);
  const kql = (text: unknown, roles: readonly [FieldRole, FieldRole], path: Path) =>
    typeof text !== 'string'
      ? []
      : kqlMentionsIn(text).flatMap(({ field, offset, negated, compared }) =>
          name(field, roles[negated ? 1 : 0], path, document.placeInText(path, offset), compared),
        );
  const found = [
    ...queryFields(common.query, kql, name, document),
    ...(common.type === 'esql' ? [] : list(common.group_by, 'group_by', ['group_by'])),
    ...metricFields(own, kql, list),
    // New terms are groups too, and named there already.
    ...WATCHED.flatMap((key) => list(own[key], 'value', [key]).filter(({ field }) => common.group_by?.includes(field) !== true)),
    ...shownFields(common, kql, name, list, document),
  ];
  const distinct = new Map(found.map((one) => [JSON.stringify([one.field, one.at]), one]));
  return [...distinct.values()];
}

type Name = (field: unknown, role: FieldRole, path: Path, at?: Position, compared?: string) => readonly NamedField[];
type List = (given: unknown, role: FieldRole, path: Path) => readonly NamedField[];
type Kql = (text: unknown, roles: readonly [FieldRole, FieldRole], path: Path) => readonly NamedField[];

function queryFields(query: unknown, kql: Kql, name: Name, document: YamlDocument): readonly NamedField[] {
  if (!isObject(query)) return kql(query, ['query', 'not-query'], ['query']);
  const { lucene, dsl } = query;
  if (typeof lucene === 'string') {
    const path = ['query', 'lucene'];
    return fieldsOfLucene(lucene).flatMap(({ field, offset, compared }) =>
      name(field, 'query', path, document.placeInText(path, offset), compared),
    );
  }
  if (!isObject(dsl)) return [];
  const path = ['query', 'dsl'];
  const clauses = dsl as Parameters<typeof fieldsOfDsl>[0];
  const ranges = rangesOfDsl(clauses);
  return fieldsOfDsl(clauses).flatMap((field) =>
    name(field, 'query', path, document.place([...path, ...(pathTo(dsl, field) ?? [])], 'key'), ranges.get(field)),
  );
}

function metricFields({ metrics }: Keys, kql: Kql, list: List): readonly NamedField[] {
  return Object.entries(isObject(metrics) ? metrics : {}).flatMap(([metric, measure]) => {
    if (!isObject(measure)) return [];
    const path = ['metrics', metric];
    const measured = Object.entries(measure).filter(([key]) => !NO_FIELD.has(key));
    return [
      ...measured.flatMap(([key, field]) => list(field, 'metric', [...path, key])),
      ...list(measure['by'], 'series', [...path, 'by']),
      ...kql(measure['count'], ['filter', 'not-filter'], [...path, 'count']),
      ...kql(measure['where'], ['filter', 'not-filter'], [...path, 'where']),
    ];
  });
}

function shownFields(
  { message, evidence }: CommonKeys,
  kql: Kql,
  name: Name,
  list: List,
  document: YamlDocument,
): readonly NamedField[] {
  const texts = Object.entries(message ?? {}).flatMap(([key, text]) => {
    const path = ['message', key];
    if (typeof text !== 'string') return [];
    return documentFields(text).flatMap(({ field, offset }) => name(field, 'message', path, document.placeInText(path, offset)));
  });
  const { fields, top, query }: Keys = { ...evidence };
  const shown = [
    ...list(fields, 'evidence', ['evidence', 'fields']),
    ...list(top, 'evidence', ['evidence', 'top']),
    ...kql(query, ['evidence', 'evidence'], ['evidence', 'query']),
    ...texts,
  ];
  return shown.filter(({ at }) => at.file === document.file);
}

/** Patterns are looked for as well where documents must meet them; those of what is shown may well find nothing. */
function isNamed(field: string, role: FieldRole): boolean {
  if (field === '' || /\s/.test(field) || METADATA.has(field)) return false;
  return !field.includes('*') || (CONDITIONS.has(role) && /[^*.]/.test(field));
}

const CONDITIONS: ReadonlySet<FieldRole> = new Set<FieldRole>(['query', 'not-query', 'filter', 'not-filter']);

/** The path in a value to the first key or text that is `word`. */
function pathTo(value: unknown, word: string): Path | undefined {
  if (value === word) return [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? Object.entries(value)
      : [];
  for (const [key, inner] of entries) {
    const below = key === word ? [] : pathTo(inner, word);
    if (below !== undefined) return [key, ...below];
  }
  return undefined;
}
