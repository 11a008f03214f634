import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { channels } from '../../../src/channels/registry.ts';
import { ruleTypes } from '../../../src/rule-types/registry.ts';
import { ROOT } from './pages.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const readme = read('README.md');
const kinds = Object.keys(channels);

describe('what README.md counts', () => {
  test('destinations', () => {
    const [, others = ''] = /Slack, e-mail, PagerDuty, Teams and (\d+) others/.exec(readme) ?? [];
    expect(Number(others)).toBe(kinds.length - 4);
    expect(readme).toContain('in Slack, by e-mail and in [two dozen other ways](docs/destinations.md)');
    expect(kinds.length - 2).toBe(24);
  });

  test('rule types', () => {
    const [, table = ''] = /^\| type \| measures \|\n\|---\|---\|\n((?:\|.*\n)+)/m.exec(readme) ?? [];
    const rows = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, type]) => type);
    expect(rows.toSorted(), 'README.md has a row for each rule type').toEqual(Object.keys(ruleTypes).toSorted());
  });
});

describe('where README.md leads', () => {
  const linksOf = (text: string) => [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link);
  const [, shortcuts = ''] = /^## Documentation\n(.*?)^All pages/ms.exec(readme) ?? [];

  test('is five groups with fewer than 18 links', () => {
    const groups = [...shortcuts.matchAll(/^- \*\*(.+?)\*\*: (.+)$/gm)];
    expect(groups.map(([, name]) => name)).toEqual(['Learn', 'Write rules', 'Operate', 'Trust', 'Develop']);
    for (const [, , links = ''] of groups) expect(linksOf(links).length).toBeGreaterThan(0);
    expect(linksOf(shortcuts).length).toBeLessThan(18);
  });

  test('is every page, by docs/README.md', () => {
    const listed = linksOf(read('docs/README.md')).filter((link) => /^[a-z0-9-]+\.md$/.test(link));
    const written = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md');
    expect(listed.toSorted()).toEqual(written.toSorted());
  });
});

test('docs/destinations.md has a row for each kind of destination', () => {
  const rows = [...read('docs/destinations.md').matchAll(/^\| (`\w+_configs`.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)_configs`/g)].map(([, kind]) => kind),
  );
  expect([...new Set(rows)].toSorted()).toEqual(kinds.toSorted());
});

test('the tables of docs/destinations.md are in the order of their keys', () => {
  const tables = read('docs/destinations.md').matchAll(/^\|---.*\n((?:\| `\w+_configs`.*\n)+)/gm);
  const keys = [...tables].map(([, rows = '']) => [...rows.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key));
  expect(keys).toHaveLength(2);
  for (const table of keys) expect(table).toEqual(table.toSorted());
});
