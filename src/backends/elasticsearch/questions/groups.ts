import type { GroupsQuery } from '../../../search/query.ts';
import { queryOf, searchBody } from './body.ts';
import { askComposite } from './composite.ts';
import { metricAggregations } from './metrics.ts';
import { lacking, rowOf, withSubs } from './rows.ts';
import { done, NO_PARTS, type Step } from './step.ts';
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

/** Everything in one row. Everything is in a bucket, as only the count of a bucket uses `_doc_count`. */
function askSingleRow(query: GroupsQuery): Step {
  const all = withSubs({ filter: { match_all: {} } }, metricAggregations(query.metrics, query.source.timeField));
  return {
    kind: 'ask',
    search: { kind: 'search', source: query.source, body: searchBody(query.source, queryOf(query), { aggs: { all } }) },
    read: (found) => {
      const row = rowOf(query, {}, found.aggregations['all']);
      if (row === undefined) return lacking('counts');
      return done({ kind: 'complete', ...NO_PARTS, groups: [row], matched: row.docs, ungrouped: 0, atLeast: 1 });
    },
  };
}
