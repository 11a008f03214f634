import type { JsonObject } from '../../../src/core/json.ts';
import type { Answer, Arrived } from '../../../src/search/answer.ts';
import type { GroupsQuery, HitsQuery, Query, Source } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { START } from './search-corpus.ts';

/** A minute in milliseconds. */
export const MINUTE = 60_000;

/** Makes the body of a test: documents in an index of their own, and what is asked of them. */
export type Over = (documents: readonly JsonObject[], work: (asked: Asking) => Promise<void>) => () => Promise<void>;

/** Asks one index; queries are about its whole hour unless they say otherwise, and a failed search fails the test. */
export interface Asking {
  readonly search: Search;
  readonly source: Source;
  ask(query: Query): Promise<Answer>;
  groups(given: Partial<GroupsQuery>): Promise<Arrived>;
  hits(given: Partial<HitsQuery>): Promise<Arrived>;
  failure(query: Query): Promise<string>;
  groupsQuery(given: Partial<GroupsQuery>): GroupsQuery;
  hitsQuery(given: Partial<HitsQuery>): HitsQuery;
}

/** Makes the asking of one index. */
export function asking(search: Search, index: string): Asking {
  const source: Source = { indices: [index], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 30_000, frozen: false };
  const asked = { name: 'main', source, window: { from: START, to: START + 60 * MINUTE }, filter: { match_all: {} } };
  const groupsQuery = (given: Partial<GroupsQuery>): GroupsQuery => ({
    ...asked,
    kind: 'groups',
    groupBy: [],
    missing: 'exclude',
    metrics: {},
    maxGroups: 1_000,
    ...given,
  });
  const hitsQuery = (given: Partial<HitsQuery>): HitsQuery => ({ ...asked, kind: 'hits', fields: ['n'], limit: 100, ...given });
  const ask = async (query: Query) => {
    const [answer, ...more] = await search.ask([query], new AbortController().signal);
    if (answer === undefined || more.length > 0) throw new Error('one question must have one answer');
    return answer;
  };
  const arrived = async (query: Query) => {
    const answer = await ask(query);
    if (answer.kind === 'failed') throw new Error(`the search failed: ${answer.problem.code}: ${answer.problem.message}`);
    return answer;
  };
  const failure = async (query: Query) => {
    const answer = await ask(query);
    return answer.kind === 'failed' ? answer.problem.code : answer.kind;
  };
  return {
    search,
    source,
    ask,
    failure,
    groupsQuery,
    hitsQuery,
    groups: (given) => arrived(groupsQuery(given)),
    hits: (given) => arrived(hitsQuery(given)),
  };
}

/** A document of a minute of the hour. */
export const minute = (at: number, rest: JsonObject): JsonObject => ({
  '@timestamp': new Date(START + at * MINUTE).toISOString(),
  ...rest,
});

/** How many documents each group has, by its values joined with slashes. */
export function rowsByGroup(answer: Arrived): Readonly<Record<string, number>> {
  return Object.fromEntries(answer.groups.map((row) => [Object.values(row.group).map(String).join('/'), row.docs]));
}
