import type { Search } from '../../../src/search/search.ts';
import { HOUR, type Log, log, SECOND, steady } from '../../support/cli/cluster-check.ts';
import { MINUTE } from '../../support/engine/world.ts';

/** A rule, and the documents and mapped types of the cluster that it is checked against. */
export interface ClusterSetting {
  readonly rule: string;
  readonly documents: readonly Log[];
  readonly types?: Readonly<Record<string, string>>;
  readonly wrap?: (search: Search) => Search;
}

/** A cluster in which a rule has the finding of a code, and one that is nearly the same in which it has not. */
interface ClusterCase {
  readonly bad: ClusterSetting;
  readonly good: ClusterSetting;
}

const DAY = 24 * HOUR;
const rule = (...lines: readonly string[]) => `${['name: a', 'index: logs-*', 'delay: 1m', ...lines].join('\n')}\n`;
const counted = (...lines: readonly string[]) => rule('type: frequency', 'condition: count >= 5', ...lines);
const measured = (metric: string) => rule('type: threshold', `metrics: { m: { ${metric} } }`, 'condition: m > 5');
const expecting = (value: string) => rule('type: flatline', 'group_by: [took]', `expect: [${value}]`);
const groups = (names: readonly string[]) => names.map((name) => log(2 * MINUTE, 0, { 'service.name': name }));
const grouped = (most: number) => counted('group_by: [service.name]', `max_groups: ${most}`);
const tookMs = (took: number) => (search: Search) => ({
  ask: async (queries: Parameters<Search['ask']>[0], signal: AbortSignal) =>
    (await search.ask(queries, signal)).map((answer) => ({ ...answer, cost: { ...answer.cost, took } })),
});

const day = steady(0);
const typed = [...day, log(HOUR, 0, { took: 5, status: '500', host: 'a', agent: 'b', 'agent.size': 1 })];
const types = { took: 'long', status: 'keyword', host: 'keyword', agent: 'nested', 'agent.size': 'long' };
const root = log(3 * DAY, 0, { 'service.name': 'root' });

/** A pair of clusters for each code that only a check with a cluster can find. */
export const CLUSTER_CASES: Readonly<Record<string, ClusterCase>> = {
  'cluster/delay': {
    bad: { rule: counted(), documents: steady(5 * MINUTE) },
    good: { rule: counted(), documents: steady(5 * SECOND) },
  },
  'cluster/lag-unknown': {
    bad: { rule: counted(), documents: steady(undefined) },
    good: { rule: counted(), documents: day },
  },
  'cluster/no-documents': {
    bad: { rule: counted(), documents: [log(2 * DAY, 0)] },
    good: { rule: counted(), documents: day },
  },
  'cluster/no-match': {
    bad: { rule: counted('query: service.name:root'), documents: [...day, root] },
    good: { rule: counted('query: service.name:shop'), documents: [...day, root] },
  },
  'cluster/no-match-week': {
    bad: { rule: counted('query: service.name:root'), documents: [...day, log(8 * DAY, 0, { 'service.name': 'root' })] },
    good: { rule: counted('query: service.name:root'), documents: [...day, root] },
  },
  'cluster/no-field': {
    bad: { rule: counted('query: servce.name:shop'), documents: day },
    good: { rule: counted('query: service.name:shop'), documents: day },
  },
  'cluster/text-range': {
    bad: { rule: counted('query: status > 499'), documents: typed, types },
    good: { rule: counted('query: took > 499'), documents: typed, types },
  },
  'cluster/metric-type': {
    bad: { rule: measured('avg: host'), documents: typed, types },
    good: { rule: measured('avg: took'), documents: typed, types },
  },
  'cluster/nested-field': {
    bad: { rule: counted('query: agent.size > 5'), documents: typed, types },
    good: { rule: counted('query: took > 5'), documents: typed, types },
  },
  'cluster/truncated': {
    bad: { rule: grouped(2), documents: groups(['a', 'b', 'c']) },
    good: { rule: grouped(9), documents: groups(['a', 'b', 'c']) },
  },
  'cluster/many-groups': {
    bad: { rule: grouped(3), documents: groups(['a', 'b', 'c']) },
    good: { rule: grouped(9), documents: groups(['a', 'b', 'c']) },
  },
  'cluster/slow': {
    bad: { rule: counted('timeout: 10s'), documents: day, wrap: tookMs(5 * SECOND) },
    good: { rule: counted('timeout: 10s'), documents: day, wrap: tookMs(SECOND) },
  },
  'cluster/expect-type': {
    bad: { rule: expecting('many'), documents: typed, types },
    good: { rule: expecting('5'), documents: typed, types },
  },
};
