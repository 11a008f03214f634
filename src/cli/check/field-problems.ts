import { nearest } from '../../core/nearest.ts';
import type { Problem } from '../../core/problems.ts';
import type { Inspection } from '../../engine/inspection.ts';
import type { FieldRole, NamedField } from '../../rules/named-fields.ts';
import type { Rule } from '../../rules/rule.ts';
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

/**
 * Finds the fields that rules name and that no index of theirs maps, whatever the documents hold; in the order of the sources. Of a source
 * that is not there, or that cannot be asked, nothing is said: other checks do.
 */
export async function unmappedFields(
  rules: readonly Rule[],
  mappings: Mappings,
  signal: AbortSignal,
): Promise<readonly UnmappedField[]> {
  return (await Promise.all(sourcesOf(rules).map((source) => unmappedOf(source, mappings, signal)))).flat();
}

async function unmappedOf({ source, rules }: RuleSource, mappings: Mappings, signal: AbortSignal) {
  const named = rules.flatMap((rule) => (rule.namedFields ?? []).map((one) => ({ rule, named: one })));
  const names = [...new Set(named.map(({ named: { field } }) => field))];
  if (names.length === 0) return [];
  const found = await mappings.fields(source, [source.timeField, ...names], signal);
  if (!found.ok) return [];
  const isMapped = (field: string) => (found.value.get(field)?.types ?? []).length > 0;
  const unmapped = named.filter(({ named: { field } }) => !isMapped(field));
  if (unmapped.length === 0) return [];
  const known = await mappings.fieldNames(source, signal);
  const all = known.ok ? known.value : [];
  if (all.length === 0) return [];
  return unmapped.map((one): UnmappedField => ({ ...one, near: nearestField(one.named.field, all) }));
}

/** The mapped field that was most likely meant: spelt alike, or the same name under another parent (`level`: `log.level`). */
export function nearestField(field: string, known: readonly string[]): string | undefined {
  const near = nearest(field, known);
  if (near !== undefined) return near;
  const [last = field] = field.split('.').slice(-1);
  const below = known.filter((name) => name.endsWith(`.${field}`));
  const beside = known.filter((name) => name === last || name.endsWith(`.${last}`));
  const parents = known.filter((name) => field === `${name}.keyword`);
  return [...parents, ...(below.length > 0 ? below : beside)].sort((a, b) => a.length - b.length)[0];
}

/** What follows where no index maps a field, by what it is named for. */
const SO: Readonly<Record<FieldRole, string>> = {
  query: 'so this part of the query matches no document',
  'not-query': 'so this `not` leaves nothing out',
  filter: 'so this filter lets no document through',
  'not-filter': 'so this `not` leaves nothing out',
  metric: 'so there is nothing to measure',
  group_by: 'so there is no group',
  series: 'so it tells no counters of a group apart',
  value: 'so there is nothing to watch',
  evidence: 'so messages never show it',
  message: 'so the text never has it',
};

/** A field that is mapped nowhere, as a warning at its place in the rule's file. */
export function unmappedProblem({ rule, named, near }: UnmappedField): Problem {
  const indices = rule.source.indices.join(',');
  const message = `no index of ${indices} has the field ${named.field}, ${SO[named.role]}`;
  const hint = /^_(?:exists|missing)_$/.test(named.field)
    ? '`_exists_` is Lucene: KQL has `FIELD: *`; or query: { lucene: … }'
    : near === undefined
      ? `GET /${indices}/_mapping shows the fields that are there`
      : `did you mean ${near}?`;
  return { code: 'cluster/no-field', severity: 'warning', message, hint, path: named.path, at: named.at };
}
