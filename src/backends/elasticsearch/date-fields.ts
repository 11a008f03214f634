import type { Answer } from '../../search/answer.ts';
import { dateAsNumber } from '../../search/date-as-number.ts';
import type { Query } from '../../search/query.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import { type FieldTypes, isDateType } from './field-types.ts';

/** Why a metric that a condition takes for a number has none: its field is a date. Undefined for any other question. */
export async function dateProblem(
  types: FieldTypes,
  query: Query,
  answer: Answer,
  signal: AbortSignal,
): Promise<SearchProblem | undefined> {
  if (query.kind !== 'groups' || answer.kind === 'failed') return undefined;
  for (const [name, metric] of Object.entries(query.metrics)) {
    if (metric.of !== 'last' || metric.number !== true) continue;
    const type = (await types.of(query.source, [metric.field], signal))?.get(metric.field);
    if (isDateType(type)) return dateAsNumber(name, metric.field);
  }
  return undefined;
}
