import { own } from '../../core/record.ts';
import type { Answer } from '../../search/answer.ts';
import { objectField } from '../../search/object-field.ts';
import type { Query } from '../../search/query.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import type { FieldTypes } from './field-types.ts';

const OBJECTS: ReadonlySet<string> = new Set(['object', 'nested']);

/**
 * Why a question about groups brought nothing of some field: it is an object, whose own fields have the values. Looked into only where an answer
 * gives reason to; undefined otherwise.
 */
export async function objectProblem(
  types: FieldTypes,
  query: Query,
  answer: Answer,
  signal: AbortSignal,
): Promise<SearchProblem | undefined> {
  if (query.kind !== 'groups') return undefined;
  const grouped = isEmptyOf(answer, query.groupBy.length) ? query.groupBy : [];
  const measured = measuredNothing(query, answer);
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

function measuredNothing(query: Extract<Query, { kind: 'groups' }>, answer: Answer): readonly string[] {
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
