import type { GroupsQuery } from '../../../search/query.ts';
import { askComposite } from './composite.ts';
import { askSingleRow } from './single-row.ts';
import type { Step } from './step.ts';
import { askTerms, fitsTerms } from './terms.ts';

/** Chooses how a groups query is asked. */
export function askGroups(query: GroupsQuery): Step {
  const [field] = query.groupBy;
  if (field === undefined && query.bucket === undefined) return askSingleRow(query);
  return field === undefined || isComposite(query) ? askComposite(query) : askTerms(query, field);
}

/** Says whether groups are asked for by a `composite` aggregation. */
export function isComposite(query: GroupsQuery): boolean {
  return (query.groupBy.length > 0 || query.bucket !== undefined) && !fitsTerms(query);
}
