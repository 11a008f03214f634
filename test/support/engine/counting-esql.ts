import type { Answer } from '../../../src/search/answer.ts';
import type { GroupsQuery, Query } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';

/** `| STATS n = COUNT(*)`, perhaps with `BY column`: the ES|QL that documents in memory can answer, as counts of groups. */
const COUNTS = /^\| STATS (\w+) = COUNT\(\*\)(?: BY (\w+))?$/m;

/** A search over documents in memory that also answers ES|QL which counts, and keeps the windows of which it was asked so. */
export function countingEsql(search: Search): Search & { readonly windows: Query['window'][]; readonly together: number[] } {
  const windows: Query['window'][] = [];
  const together: number[] = [];
  return {
    windows,
    together,
    ask: async (queries, signal) => {
      const rows = queries.filter(({ kind }) => kind === 'esql');
      windows.push(...rows.map(({ window }) => window));
      if (rows.length > 0) together.push(rows.length);
      const answers = await search.ask(queries.map(asGroups), signal);
      return answers.map((answer, place) => asTable(queries[place], answer));
    },
  };
}

function asGroups(query: Query): Query {
  if (query.kind !== 'esql') return query;
  const [, , column] = COUNTS.exec(query.text) ?? [];
  const { name, source, window, filter, maxRows } = query;
  const groupBy = column === undefined ? [] : [column];
  return {
    kind: 'groups',
    name,
    source,
    window,
    filter,
    groupBy,
    missing: 'exclude',
    metrics: {},
    maxGroups: maxRows,
  } satisfies GroupsQuery;
}

function asTable(query: Query | undefined, answer: Answer): Answer {
  if (query?.kind !== 'esql' || answer.kind === 'failed') return answer;
  const [, name = ''] = COUNTS.exec(query.text) ?? [];
  const isPlain = !/ BY /.test(query.text);
  const table = isPlain ? [{ [name]: answer.matched }] : answer.groups.map(({ group, docs }) => ({ ...group, [name]: docs }));
  return { ...answer, groups: [], table, atLeast: table.length };
}
