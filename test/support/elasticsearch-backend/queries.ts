import type { Found, Step } from '../../../src/backends/elasticsearch/questions/step.ts';
import type { EsqlQuery, GroupsQuery, HitsQuery, Source } from '../../../src/search/query.ts';

/** Where the queries of the unit tests look. */
export const SOURCE: Source = {
  indices: ['logs-*'],
  timeField: '@timestamp',
  ignoreMissingIndex: false,
  timeout: 30_000,
  frozen: false,
};

const asked = { name: 'main', source: SOURCE, window: { from: 60_000, to: 360_000 }, filter: { match_all: {} } };

/** A groups query without anything but what is given. */
export function groupsQuery(given: Partial<GroupsQuery> = {}): GroupsQuery {
  return { ...asked, kind: 'groups', groupBy: [], missing: 'exclude', metrics: {}, maxGroups: 1_000, ...given };
}

/** A hits query without anything but what is given. */
export function hitsQuery(given: Partial<HitsQuery> = {}): HitsQuery {
  return { ...asked, kind: 'hits', fields: ['message'], limit: 10, ...given };
}

/** An ES|QL query without anything but what is given. */
export function esqlQuery(given: Partial<EsqlQuery> = {}): EsqlQuery {
  return { ...asked, kind: 'esql', text: '| LIMIT 100', maxRows: 10, ...given };
}

/** The body of the search that a step sends next. */
export function bodyOf(step: Step): Record<string, unknown> {
  if (step.kind !== 'ask') throw new Error('the question is answered');
  return step.search.body as Record<string, unknown>;
}

/** The aggregations of the search that a step sends next. */
export function aggsOf(step: Step): Record<string, unknown> {
  return (bodyOf(step)['aggs'] ?? {}) as Record<string, unknown>;
}

/** Goes on with what a search found. */
export function withFound(step: Step, found: Partial<Found>): Step {
  if (step.kind !== 'ask') throw new Error('the question is answered');
  return step.read({ took: 1, shards: 1, aggregations: {}, hits: [], body: {}, ...found });
}

/** The answer of a question with one query that is over. */
export function answerOf(step: Step) {
  if (step.kind !== 'done' || step.answers[0] === undefined) throw new Error('the question is not answered yet');
  return step.answers[0];
}
