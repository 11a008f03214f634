import { nameTest } from '../../core/glob.ts';
import { nearest } from '../../core/nearest.ts';
import type { Problem } from '../../core/problems.ts';
import type { Inspection } from '../../engine/inspection.ts';
import type { FieldRole, NamedField } from '../../rules/named-fields.ts';
import type { Rule } from '../../rules/rule.ts';
import { textFieldHint } from '../../search/field-problems.ts';
import { type RuleSource, sourcesOf } from '../doctor/sources.ts';

/** What a cluster says of its mappings. */
export type Mappings = Pick<Inspection, 'fields' | 'fieldNames'>;

/** A field that a rule names and that no index of the rule maps. */
export interface UnmappedField {
  readonly rule: Rule;
  readonly named: NamedField;
  /** The nearest field that is mapped; undefined where none is near. */
  readonly near: string | undefined;
}

/** A field that a rule compares by size, and that is a text to Elasticsearch: `1000` comes before `500` there. */
export interface ComparedText {
  readonly rule: Rule;
  readonly named: NamedField & { readonly compared: string };
  readonly types: readonly string[];
}

/** A field of nested objects, which only nested queries see. */
export interface NestedField {
  readonly rule: Rule;
  readonly named: NamedField;
  readonly parent: string;
}

/** A field that a metric cannot measure, because of its type. */
export interface UnmeasurableField {
  readonly rule: Rule;
  readonly named: NamedField;
  readonly types: readonly string[];
  /** Of a text: the keyword beneath it; absent if the mapping has none. */
  readonly keyword?: string;
}

/** What the mappings say against fields that rules name. */
export interface FieldFailures {
  readonly unmeasurable: readonly UnmeasurableField[];
  readonly unmapped: readonly UnmappedField[];
  readonly texts: readonly ComparedText[];
  readonly nested: readonly NestedField[];
}

/**
 * Finds the fields that rules name and that no index of theirs maps, or that cannot be asked for as they do, whatever the documents hold; in the order of the sources. Of a source
 * that does not exist, or that cannot be asked, nothing is said: other checks do.
 */
export async function fieldFailures(rules: readonly Rule[], mappings: Mappings, signal: AbortSignal): Promise<FieldFailures> {
  const found = await Promise.all(sourcesOf(rules).map((source) => failuresOf(source, mappings, signal)));
  return {
    unmapped: found.flatMap(({ unmapped }) => unmapped),
    texts: found.flatMap(({ texts }) => texts),
    nested: found.flatMap(({ nested }) => nested),
    unmeasurable: found.flatMap(({ unmeasurable }) => unmeasurable),
  };
}

/** Nothing is wrong with any field. */
export const NO_FIELD_FAILURES: FieldFailures = { unmapped: [], texts: [], nested: [], unmeasurable: [] };

async function failuresOf({ source, rules }: RuleSource, mappings: Mappings, signal: AbortSignal): Promise<FieldFailures> {
  const named = rules.flatMap((rule) => (rule.namedFields ?? []).map((one) => ({ rule, named: one })));
  const names = [...new Set(named.map(({ named: { field } }) => field))];
  if (names.length === 0) return NO_FIELD_FAILURES;
  const plain = names.filter((name) => !name.includes('*'));
  const parents = [...new Set(plain.flatMap(parentsOf))];
  const keywords = named.flatMap(({ named: { role, field } }) => (role === 'metric' ? [keywordOf(field)] : []));
  const found = await mappings.fields(source, [...new Set([source.timeField, ...plain, ...parents, ...keywords])], signal);
  if (!found.ok) return NO_FIELD_FAILURES;
  const typesOf = (field: string) => found.value.get(field)?.types ?? [];
  const texts = named.flatMap(({ rule, named: { compared, ...one } }) => {
    const types = typesOf(one.field).filter((type) => AS_TEXT.has(type));
    return compared !== undefined && types.length > 0 && LOOKS_MEASURED.test(compared)
      ? [{ rule, named: { ...one, compared }, types }]
      : [];
  });
  const nested = named.flatMap(({ rule, named: one }): readonly NestedField[] => {
    const parent = parentsOf(one.field).find((name) => typesOf(name).includes('nested'));
    // The Query DSL has nested queries, and messages show what documents hold.
    const sees = one.path === 'query.dsl' || SHOWN.has(one.role);
    return parent === undefined || sees ? [] : [{ rule, named: one, parent }];
  });
  const unmeasurable = named.flatMap(({ rule, named: one }): readonly UnmeasurableField[] => {
    const types = typesOf(one.field).filter((type) => !isMeasured(measureOf(one), type));
    const keyword = keywordOf(one.field);
    if (one.role !== 'metric' || types.length === 0) return [];
    return [{ rule, named: one, types, ...(typesOf(keyword).length > 0 && { keyword }) }];
  });
  const suspects = named.filter(({ named: { field } }) => field.includes('*') || typesOf(field).length === 0);
  if (suspects.length === 0) return { unmapped: [], texts, nested, unmeasurable };
  const known = await mappings.fieldNames(source, signal);
  const all = known.ok ? known.value : [];
  if (all.length === 0) return { unmapped: [], texts, nested, unmeasurable };
  const unmapped = suspects.filter(({ named: { field } }) => !field.includes('*') || !isMatched(field, all));
  return {
    unmapped: unmapped.map((one): UnmappedField => ({ ...one, near: nearestField(one.named.field, all) })),
    texts,
    nested,
    unmeasurable,
  };
}

/** The customary multi-field of a text. */
function keywordOf(field: string): string {
  return `${field}.keyword`;
}

/** The measure of a metric's field, which is the key it is written under: `avg` of `metrics.m.avg`. */
function measureOf({ path }: NamedField): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** Measures of any value that can be looked up; the others compute with numbers. */
const OF_ANY: ReadonlySet<string> = new Set(['last', 'cardinality', 'value_count']);
const TEXTS: ReadonlySet<string> = new Set(['text', 'match_only_text']);
const NO_NUMBERS: ReadonlySet<string> = new Set(
  'keyword constant_keyword wildcard text match_only_text flattened version ip object geo_point geo_shape binary'.split(' '),
);

function isMeasured(measure: string, type: string): boolean {
  return !(OF_ANY.has(measure) ? TEXTS : NO_NUMBERS).has(type);
}

/** A metric over a field of the wrong type, at its place in the rule's file: the rule can never be evaluated. */
export function unmeasurableProblem({ rule, named, types, keyword }: UnmeasurableField): Problem {
  const { field, path, at } = named;
  const measure = measureOf(named);
  const expected = OF_ANY.has(measure) ? 'a field other than a text' : 'a number';
  const message = `${measure} needs ${expected}; ${field} is a ${types.join(' and a ')} in ${rule.source.indices.join(',')}`;
  const hint = OF_ANY.has(measure)
    ? (textFieldHint(field, keyword === undefined ? [] : [keyword]) ?? `map ${field} as a keyword, or with a keyword beneath it`)
    : `use a numeric field, or a count: cardinality: ${field} counts its different values`;
  return { code: 'cluster/metric-type', severity: 'error', message, hint, path, at };
}

const SHOWN: ReadonlySet<FieldRole> = new Set<FieldRole>(['evidence', 'message']);

/** `a.b.c` is within `a.b` and `a`. */
function parentsOf(name: string): readonly string[] {
  const parts = name.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

/** Types whose ranges go by the characters of a text. */
const AS_TEXT: ReadonlySet<string> = new Set(['keyword', 'constant_keyword', 'wildcard', 'flattened', 'text', 'match_only_text']);
/** A number, a version: where texts are compared, such a range is rarely intended. Dates written from the year on do compare as texts. */
const LOOKS_MEASURED = /^(?!\d{4}-\d\d)[-+v]?\.?\d/;

/** Whether a pattern of names finds a field; the names within a `flattened` field are unknown. */
function isMatched(pattern: string, known: readonly string[]): boolean {
  const [start = ''] = pattern.split('*');
  const isNamed = nameTest(pattern);
  return known.some((name) => isNamed(name) || start.startsWith(`${name}.`));
}

/**
 * The mapped field that was most likely intended: spelt alike, or the same name under another parent (`level`: `log.level`); for a pattern, the
 * object.
 */
function nearestField(field: string, known: readonly string[]): string | undefined {
  if (field.endsWith('.*')) {
    const parents = new Set(known.flatMap((name) => (name.includes('.') ? [name.slice(0, name.lastIndexOf('.'))] : [])));
    const near = nearest(field.slice(0, -2), parents);
    return near === undefined ? undefined : `${near}.*`;
  }
  const near = nearest(field, known);
  if (near !== undefined) return near;
  const [last = field] = field.split('.').slice(-1);
  const below = known.filter((name) => name.endsWith(`.${field}`));
  const beside = known.filter((name) => name === last || name.endsWith(`.${last}`));
  const parents = known.filter((name) => field === `${name}.keyword`);
  return [...parents, ...(below.length > 0 ? below : beside)].sort((a, b) => a.length - b.length)[0];
}

/** A field of nested objects, as a warning at its place in the rule's file. */
export function nestedProblem({ rule, named, parent }: NestedField): Problem {
  const { field, role, path, at } = named;
  const message = `${field} is inside the nested objects ${parent} of ${rule.source.indices.join(',')}, which only nested queries can access, ${SO[role]}`;
  const hint = `query: { dsl: { nested: { path: ${parent}, query: … } } }, or map ${parent} as object`;
  return { code: 'cluster/nested-field', severity: 'warning', message, hint, path, at };
}

/** What the mappings say against rules, at its places in their files. */
export function fieldProblems({ unmapped, texts, nested, unmeasurable }: FieldFailures): readonly Problem[] {
  return [
    ...unmeasurable.map(unmeasurableProblem),
    ...unmapped.map(unmappedProblem),
    ...nested.map(nestedProblem),
    ...texts.map(comparedTextProblem),
  ];
}

/** A range over a field that is a text, as a warning at its place in the rule's file. */
export function comparedTextProblem({ rule, named, types }: ComparedText): Problem {
  const { field, compared, path, at } = named;
  const message = `${field} is a ${types.join(' and a ')} in ${rule.source.indices.join(',')}: a range compares text there, and "1000" sorts before "500"`;
  const hint = `map ${field} as a number in the index template, or list the values: ${field}: (${compared} or …)`;
  return { code: 'cluster/text-range', severity: 'warning', message, hint, path, at };
}

/** What follows where no index maps a field, by what it is named for. */
const SO: Readonly<Record<FieldRole, string>> = {
  query: 'so this part of the query matches no document',
  'not-query': 'so this `not` excludes nothing',
  filter: 'so this filter matches no document',
  'not-filter': 'so this `not` excludes nothing',
  metric: 'so there is nothing to measure',
  group_by: 'so there is no group',
  series: 'so it distinguishes no counters of a group',
  value: 'so there is nothing to watch',
  evidence: 'so messages never show it',
  message: 'so the text never has it',
};

/** A field that is mapped nowhere, as a warning at its place in the rule's file. */
export function unmappedProblem({ rule, named, near }: UnmappedField): Problem {
  const indices = rule.source.indices.join(',');
  const so = named.path === 'evidence.query' ? 'so messages show no documents' : SO[named.role];
  const message = `no index of ${indices} has the field ${named.field}, ${so}`;
  const hint = /^_(?:exists|missing)_$/.test(named.field)
    ? '`_exists_` is Lucene: KQL has `FIELD: *`; or query: { lucene: … }'
    : near === undefined
      ? `GET /${indices}/_mapping shows the existing fields`
      : `did you mean ${near}?`;
  return { code: 'cluster/no-field', severity: 'warning', message, hint, path: named.path, at: named.at };
}
