import { describe, expect, test } from 'vitest';
import { kqlToDsl } from '../../../src/kql/kql.ts';
import { pages } from './pages.ts';

const guide = pages().find(({ file }) => file === 'docs/rules.md')?.text ?? '';
const [, section = ''] = /\n## KQL\n(.*?)\n## /s.exec(guide) ?? [];

/** The queries of the tables, each with what the last column of its row says. */
const queries = [...section.matchAll(/^\| (`.*?) \| (?:.*\| )?([^|]*) \|$/gm)].flatMap(([, cell = '', says = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, query = '']) => [query, says.startsWith('an error')] as const),
);

describe('the KQL that the docs show', () => {
  test('is there, and some of it is refused', () => {
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.filter(([, refused]) => refused).length).toBeGreaterThan(4);
  });

  test.each(queries)('%s: it is an error is %s', (query, refused) => {
    expect(kqlToDsl(query).ok).toBe(!refused);
  });
});
