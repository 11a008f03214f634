import { own } from '../../core/record.ts';
import type { Answer } from '../../search/answer.ts';
import { dateAsNumber, flattenedKey, objectField, objectsAbove, textFieldHint } from '../../search/field-problems.ts';
import type { GroupsQuery, Query } from '../../search/query.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import { isDateType } from './field-caps.ts';
import type { FieldTypes } from './field-types.ts';
import { isComposite } from './questions/groups.ts';

/** A question about groups, and what it brought. */
interface Asked {
  readonly query: GroupsQuery;
  readonly answer: Answer;
}

/** What its fields have against a question that was answered, or failed for a reason that the answer does not give. */
export async function fieldProblem(
  types: FieldTypes,
  query: Query,
  answer: Answer,
  signal: AbortSignal,
): Promise<SearchProblem | undefined> {
  if (query.kind !== 'groups') return undefined;
  const asked = { query, answer };
  return (
    (await objectProblem(types, asked, signal)) ??
    (await textProblem(types, asked, signal)) ??
    (await dateProblem(types, asked, signal)) ??
    (await flattenedProblem(types, asked, signal))
  );
}

const OBJECTS: ReadonlySet<string> = new Set(['object', 'nested']);

/** Why a question brought nothing of some field: it is an object, whose own fields have the values. Looked into only where an answer gives reason to. */
async function objectProblem(
  types: FieldTypes,
  { query, answer }: Asked,
  signal: AbortSignal,
): Promise<SearchProblem | undefined> {
  const grouped = isEmptyOf(answer, query.groupBy.length) ? query.groupBy : [];
  const measured = measuredNothing({ query, answer });
  for (const field of [...grouped, ...measured]) {
    const found = (await types.of(query.source, [field, `${field}.*`], signal)) ?? new Map<string, string>();
    if (!OBJECTS.has(found.get(field) ?? '')) continue;
    const beneath = [...found].filter(([name, type]) => name !== field && !OBJECTS.has(type)).map(([name]) => name);
    return objectField(field, beneath, grouped.includes(field) ? 'group by' : 'measure');
  }
  return undefined;
}

function isEmptyOf(answer: Answer, fields: number): boolean {
  if (answer.kind === 'failed') return answer.problem.code === 'bad_mapping';
  return fields > 0 && answer.matched > 0 && answer.groups.length === 0;
}

function measuredNothing({ query, answer }: Asked): readonly string[] {
  if (answer.kind === 'failed') {
    // The documents of an object have no last value, which reads like an answer that lacks something.
    const measured = Object.values(query.metrics).flatMap((metric) => (metric.of === 'last' ? [metric.field] : []));
    return answer.problem.code === 'bad_answer' ? measured : [];
  }
  if (answer.groups.length === 0 || answer.matched === 0) return [];
  return Object.entries(query.metrics).flatMap(([name, metric]) =>
    metric.of !== 'count' && answer.groups.every((row) => (own(row.values, name) ?? null) === null) ? [metric.field] : [],
  );
}

const TEXTS: ReadonlySet<string> = new Set(['text', 'match_only_text']);

/** The problem of a question that groups by a text, or measures one, with the keyword beneath it that could be meant. */
async function textProblem(types: FieldTypes, { query, answer }: Asked, signal: AbortSignal): Promise<SearchProblem | undefined> {
  if (answer.kind !== 'failed' || answer.problem.code !== 'bad_mapping') return undefined;
  const { problem } = answer;
  const measured = Object.values(query.metrics).flatMap((metric) => (metric.of === 'count' ? [] : [metric.field]));
  for (const field of [...query.groupBy, ...measured].filter((name) => problem.message.includes(name))) {
    const found = (await types.of(query.source, [field, `${field}.*`], signal)) ?? new Map<string, string>();
    if (!TEXTS.has(found.get(field) ?? '')) continue;
    const keywords = [...found].filter(([, type]) => type === 'keyword').map(([name]) => name);
    const hint = textFieldHint(field, keywords);
    if (hint !== undefined) return { ...problem, hint };
  }
  return undefined;
}

/** Why a metric that a condition takes for a number has none: its field is a date. */
async function dateProblem(types: FieldTypes, { query, answer }: Asked, signal: AbortSignal): Promise<SearchProblem | undefined> {
  if (answer.kind === 'failed') return undefined;
  for (const [name, metric] of Object.entries(query.metrics)) {
    if (metric.of !== 'last' || metric.number !== true) continue;
    const type = (await types.of(query.source, [metric.field], signal))?.get(metric.field);
    if (isDateType(type)) return dateAsNumber(name, metric.field);
  }
  return undefined;
}

/**
 * Why the counts of an answer are not believed: in a `composite` Elasticsearch counts a document once for every key that its flattened object has,
 * and not only for the one that is asked about. Looked into where such an answer has rows.
 */
async function flattenedProblem(
  types: FieldTypes,
  { query, answer }: Asked,
  signal: AbortSignal,
): Promise<SearchProblem | undefined> {
  if (answer.kind === 'failed' || answer.groups.length === 0 || !isComposite(query)) return undefined;
  const objects = new Map(query.groupBy.flatMap((field) => objectsAbove(field).map((object) => [object, field] as const)));
  if (objects.size === 0) return undefined;
  const found = await types.of(query.source, [...objects.keys()], signal);
  const flattened = [...objects].find(([object]) => found?.get(object) === 'flattened');
  return flattened === undefined ? undefined : flattenedKey(flattened[1], flattened[0]);
}
