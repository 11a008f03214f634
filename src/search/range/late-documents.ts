import { own } from '../../core/record.ts';
import type { Instant } from '../../core/time.ts';
import type { Arrived } from '../answer.ts';
import type { Query } from '../query.ts';

/** The name of the metric that says when the newest document of a group arrived; no rule can give a metric this name. */
const NEWEST = '#arrived';

/** The question with the newest arrival of each group beside its metrics; of documents, only windows without any are asked ahead. */
export function withNewestArrival(query: Query, field: string | undefined): Query {
  if (query.kind !== 'groups' || field === undefined) return query;
  return { ...query, metrics: { ...query.metrics, [NEWEST]: { of: 'max', field } } };
}

/** An answer over all documents of a window, which holds for those that had arrived by every tick after `after`. */
export interface FullAnswer {
  readonly answer: Arrived;
  readonly after: Instant;
}

/** The answer without that metric; undefined where it is not known when all of its documents had arrived. */
export function fullAnswer(answer: Arrived | undefined, field: string | undefined): FullAnswer | undefined {
  if (answer === undefined) return undefined;
  if (field === undefined || answer.matched === 0) return { answer: without(answer), after: Number.NEGATIVE_INFINITY };
  // Documents without a group are in no row, and neither are those of groups that were cut off.
  if (answer.kind === 'truncated' || answer.ungrouped > 0) return undefined;
  let after = Number.NEGATIVE_INFINITY;
  for (const { values } of answer.groups) {
    const newest = own(values, NEWEST);
    if (typeof newest === 'number') after = Math.max(after, newest);
    else if (newest !== null) return undefined;
  }
  if (after > Number.NEGATIVE_INFINITY && answer.dates?.includes(NEWEST) !== true) return undefined;
  return { answer: without(answer), after };
}

function without(answer: Arrived): Arrived {
  if (!answer.groups.some(({ values }) => Object.hasOwn(values, NEWEST))) return answer;
  const groups = answer.groups.map((row) => {
    const { [NEWEST]: _newest, ...values } = row.values;
    return { ...row, values };
  });
  const { dates, ...rest } = answer;
  const others = (dates ?? []).filter((name) => name !== NEWEST);
  return { ...rest, groups, ...(others.length > 0 && { dates: others }) };
}
