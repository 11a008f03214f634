import { readFileSync } from 'node:fs';
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
