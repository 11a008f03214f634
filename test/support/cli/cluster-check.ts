import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import { checkCluster } from '../../../src/cli/check/check-cluster.ts';
import type { Mappings } from '../../../src/cli/check/field-problems.ts';
import { formatProblem } from '../../../src/core/problems.ts';
import { iso } from '../../../src/core/time.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import type { Search } from '../../../src/search/search.ts';
import { readOptions, testRule } from '../engine/test-rule.ts';
import { MINUTE, NOON } from '../engine/world.ts';

export const SECOND = 1_000;
export const HOUR = 60 * MINUTE;

/** A document of `age` ms ago that took `lag` ms to arrive; `lag` undefined: nobody knows. */
export const log = (age: number, lag: number | undefined, fields: object = {}, index = 'logs-app') => ({
  index,
  source: {
    '@timestamp': iso(NOON - age),
    'service.name': 'shop',
    ...(lag !== undefined && { 'event.ingested': iso(NOON - age + lag) }),
    ...fields,
  },
});
export type Log = ReturnType<typeof log>;

/** Documents of the last two hours, one a minute, each `lag` ms late. */
export const steady = (lag: number | undefined): readonly Log[] =>
  Array.from({ length: 120 }, (_, minute) => log((minute + 10) * MINUTE, lag));

/** Mappings that know the fields which documents have. */
function mappingsOf(documents: readonly Log[], types: Readonly<Record<string, string>> = { took: 'long' }): Mappings {
  const typesOf = (name: string) => [
    ...(Object.hasOwn(types, name) ? [String(types[name])] : names.includes(name) ? ['keyword'] : []),
  ];
  const names = [...new Set(documents.flatMap(({ source }) => Object.keys(source)))];
  return {
    fields: async (_source, asked) => ({
      ok: true,
      value: new Map(asked.map((name) => [name, { types: typesOf(name), aggregatable: true }])),
    }),
    fieldNames: async () => ({ ok: true, value: names }),
  };
}

export async function check(
  rules: readonly Rule[],
  documents: readonly Log[],
  wrap = (search: Search) => search,
  types: Readonly<Record<string, string>> = { took: 'long' },
) {
  const store = createDocuments();
  store.add(documents);
  const checked = { search: wrap(embeddedSearch(store)), mappings: mappingsOf(documents, types) };
  const problems = await checkCluster(rules, checked, NOON, new AbortController().signal);
  return problems.map(
    (problem) => `${formatProblem(problem).replace('test.yaml:1:1', problem.at?.file ?? '')} [${problem.code}]`,
  );
}

export const at = (file: string) => ({ position: { file, line: 1, column: 1 } });
export const threshold = (metrics: object) =>
  testRule({ name: 'a', type: 'threshold', options: readOptions('threshold', { metrics }), condition: 'slow > 1' });
