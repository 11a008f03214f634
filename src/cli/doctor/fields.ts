import type { Problem } from '../../core/problems.ts';
import type { Instant } from '../../core/time.ts';
import type { FieldFound, Inspected } from '../../engine/inspection.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import type { NamedField } from '../../rules/named-fields.ts';
import type { Rule } from '../../rules/rule.ts';
import { fieldsOfDsl } from '../../search/fields-of-dsl.ts';
import { questionsAbout } from '../check/cluster-questions.ts';
import {
  type ComparedText,
  comparedTextProblem,
  type FieldFailures,
  fieldFailures,
  type NestedField,
  NO_FIELD_FAILURES,
  nestedProblem,
  type UnmappedField,
  type UnmeasurableField,
  unmappedProblem,
  unmeasurableProblem,
} from '../check/field-problems.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { atMost, error, good, warning } from './check-result.ts';
import { namesOf, type RuleSource, sourcesOf } from './sources.ts';

const MOST = 20;
/** The multi-field under which a text can be grouped by. */
const KEYWORD = '.keyword';

/** What a field is used for; the first that applies decides what it must be. */
type FieldUse = 'time' | 'group_by' | 'metric' | 'query';

/** Whether the fields that rules name are mapped, and can do what is asked of them. */
export const fieldsCheck: DoctorCheck = {
  name: 'fields',
  title: 'Fields that rules use',
  needs: 'cluster',
  limit: SHORT,
  run: async ({ enabled, backend, now }, signal) => {
    const sources = sourcesOf(enabled);
    const found = await Promise.all(
      sources.map(async (source) => {
        const uses = usesOf(source, now);
        const names = [...uses.keys()].flatMap((name) => [name, `${name}${KEYWORD}`]);
        const fields = await backend.inspection.fields(source.source, names, signal);
        return { source, uses, fields, failures: await fieldFailures(source.rules, backend.inspection, signal) };
      }),
    );
    const results = found.flatMap(({ source, uses, fields, failures }) => fieldFindings(source, uses, fields, failures));
    const failures = results.filter(({ severity }) => severity !== 'good');
    return [...results.filter(({ severity }) => severity === 'good'), ...atMost(MOST, failures, 'fields')];
  },
};

/** A field as the rules of a source use it: its most demanding use, and which rules those are. */
export interface RuleField {
  readonly use: FieldUse;
  readonly rules: readonly Rule[];
}

/** The fields that the rules of a source use. */
export function usesOf({ source, rules }: RuleSource, now: Instant): ReadonlyMap<string, RuleField> {
  const uses = new Map<string, RuleField>([[source.timeField, { use: 'time', rules }]]);
  const add = (field: string, use: FieldUse, rule: Rule) => {
    const known = uses.get(field);
    if (field.includes('*') || field.startsWith('_') || known?.use === 'time') return;
    if (known === undefined) uses.set(field, { use, rules: [rule] });
    else if (!known.rules.includes(rule)) uses.set(field, { ...known, rules: [...known.rules, rule] });
  };
  // Groups of ES|QL are columns.
  for (const rule of rules) if (rule.type !== 'esql') for (const field of rule.groupBy) add(field, 'group_by', rule);
  for (const rule of rules)
    for (const { field, use } of questionsAbout(rule, now).fields) {
      add(field, use === 'series' ? 'group_by' : use, rule);
    }
  for (const rule of rules) for (const field of fieldsOfDsl(rule.filter)) add(field, 'query', rule);
  for (const rule of rules) for (const { field } of rule.namedFields ?? []) add(field, 'query', rule);
  return uses;
}

/** What is to be said of the fields of one source, of those in `named` with their places; nothing of a source that does not exist. */
export function fieldFindings(
  { name }: Pick<RuleSource, 'name'>,
  uses: ReadonlyMap<string, RuleField>,
  fields: Inspected<ReadonlyMap<string, FieldFound>>,
  named: FieldFailures = NO_FIELD_FAILURES,
): readonly CheckResult[] {
  if (!fields.ok) return [];
  const known = fields.value;
  if ([...known.values()].every(({ types }) => types.length === 0)) return [];
  const placed = new Set([...named.unmapped, ...named.unmeasurable].map(({ named: { field } }) => field));
  const failures = [
    ...named.unmapped.map((one) => unmappedFinding(one, name)),
    ...named.unmeasurable.map((one) => unmeasurableFinding(one, name)),
    ...named.nested.map((one) => placedFinding(one, nestedProblem(one), name)),
    ...named.texts.map((one) => placedFinding(one, comparedTextProblem(one), name)),
    ...[...uses].flatMap(([field, { use, rules }]) => (placed.has(field) ? [] : failureOf(field, use, known, name, rules))),
  ];
  return failures.length > 0
    ? failures
    : [good(name, `${uses.size} ${uses.size === 1 ? 'field' : 'fields'}, all mapped as they are used`)];
}

/** Without these a rule measures nothing; without the others, less than was meant. */
const NEEDED: ReadonlySet<string> = new Set(['metric', 'group_by', 'value']);

function unmappedFinding(one: UnmappedField, source: string): CheckResult {
  const { rule, named } = one;
  const { message, hint } = unmappedProblem(one);
  const place = placeText(named);
  const failure = {
    found: `${message} (${rule.name}, ${named.path} at ${place})`,
    expected: 'a field that exists in the documents',
    ...(hint !== undefined && { fix: hint }),
  };
  const subject = `${named.field} in ${source}`;
  return NEEDED.has(named.role) ? error(subject, failure) : warning(subject, failure);
}

function unmeasurableFinding(one: UnmeasurableField, source: string): CheckResult {
  const { message, hint } = unmeasurableProblem(one);
  const { rule, named } = one;
  const found = `${message} (${rule.name}, ${named.path} at ${placeText(named)})`;
  return error(`${named.field} in ${source}`, { found, expected: EXPECTED.metric, ...(hint !== undefined && { fix: hint }) });
}

function placedFinding({ rule, named }: NestedField | ComparedText, { message, hint }: Problem, source: string): CheckResult {
  const found = `${message} (${rule.name}, ${named.path} at ${placeText(named)})`;
  const expected = 'a field that can be used in this way';
  return warning(`${named.field} in ${source}`, { found, expected, ...(hint !== undefined && { fix: hint }) });
}

function placeText({ at }: Pick<NamedField, 'at'>): string {
  return `${at.file}:${at.line}:${at.column}`;
}

function failureOf(
  field: string,
  use: FieldUse,
  known: ReadonlyMap<string, FieldFound>,
  source: string,
  rules: readonly Rule[],
): readonly CheckResult[] {
  const { types, aggregatable } = known.get(field) ?? { types: [], aggregatable: false };
  const keyword = known.get(`${field}${KEYWORD}`)?.aggregatable === true ? `${field}${KEYWORD}` : undefined;
  const subject = `${field} in ${source}`;
  const by = namesOf(rules);
  if (types.length === 0) {
    const fix = 'GET /INDEX/_mapping   # find the name of the field, and correct the rule';
    const expected = EXPECTED[use];
    // A clause about a field that is nowhere matches nothing, which may be what its author waits for.
    if (use === 'query')
      return [warning(subject, { found: `is mapped in no index (${by})`, expected, fix: fix.replace('INDEX', source) })];
    return [error(subject, { found: `is mapped in no index (${by})`, expected, fix: fix.replace('INDEX', source) })];
  }
  if (use === 'time') {
    if (types.every((type) => type === 'date' || type === 'date_nanos')) return [];
    return [
      error(subject, {
        found: `is ${types.join(' and ')}`,
        expected: EXPECTED.time,
        fix: 'time_field: a date field of these documents',
      }),
    ];
  }
  if (use === 'query') return [];
  if (!aggregatable) {
    const fix =
      keyword === undefined
        ? 'map it as keyword (or as a number) in the index template, and roll the data stream over'
        : `${use === 'group_by' ? 'group_by' : 'field'}: ${keyword}`;
    return [
      error(subject, {
        found: `is ${types.join(' and ')}: it cannot be grouped by or measured (${by})`,
        expected: EXPECTED[use],
        fix,
      }),
    ];
  }
  if (types.length > 1) {
    const fix = 'use one type in the index template; old indices keep theirs until they are deleted';
    return [
      warning(subject, {
        found: `is ${types.join(' in some indices and ')} in others (${by})`,
        expected: 'one type everywhere',
        fix,
      }),
    ];
  }
  return [];
}

const EXPECTED: Readonly<Record<FieldUse, string>> = {
  time: 'a date',
  group_by: 'a keyword, a number or another field that documents can be grouped by',
  metric: 'a field that can be measured',
  query: 'a field that exists in the documents: this part of the query matches nothing',
};
