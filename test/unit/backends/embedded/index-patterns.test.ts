import { describe, expect, it } from 'vitest';
import { indexPatterns } from '../../../../src/backends/embedded/index-patterns.ts';

const INDICES = [
  'logs-app-default',
  'logs-db-default',
  'metrics-app-default',
  '.internal-1',
  'eu:logs-app-default',
  'us:logs-app-default',
];

describe('a source', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['names one index', ['logs-app-default'], ['logs-app-default']],
    ['names a pattern', ['logs-*'], ['logs-app-default', 'logs-db-default']],
    ['names several', ['logs-db*', 'metrics-*'], ['logs-db-default', 'metrics-app-default']],
    ['names several in one text', ['logs-db*, metrics-*'], ['logs-db-default', 'metrics-app-default']],
    ['leaves some out', ['logs-*', '-logs-db*'], ['logs-app-default']],
    ['takes some back in', ['logs-*', '-logs-*', 'logs-db*'], ['logs-db-default']],
    ['leaves nothing out at its beginning', ['-logs-app*'], []],
    ['means the local cluster by a star', ['*'], ['logs-app-default', 'logs-db-default', 'metrics-app-default']],
    ['means the same by _all', ['_all'], ['logs-app-default', 'logs-db-default', 'metrics-app-default']],
    ['names hidden indices by their dot', ['.int*'], ['.internal-1']],
    ['names a cluster', ['eu:logs-*'], ['eu:logs-app-default']],
    ['names clusters by pattern', ['*:logs-*'], ['eu:logs-app-default', 'us:logs-app-default']],
    ['leaves out in a cluster', ['*:logs-*', 'us:-logs-*'], ['eu:logs-app-default']],
    ['matches dots and dashes as themselves', ['logs.app*'], []],
  ])('%s', (_name, patterns, expected) => {
    const source = indexPatterns(patterns);
    expect(INDICES.filter((index) => source?.matches(index))).toEqual(expected);
  });

  it('tells the names that must exist from patterns', () => {
    expect(indexPatterns(['logs-a', 'logs-*', '-logs-b', 'eu:logs-c'])?.concrete).toEqual(['logs-a', 'eu:logs-c']);
  });

  it('with date math is not understood', () => {
    expect(indexPatterns(['<logs-{now/d}>'])).toBeUndefined();
  });
});
