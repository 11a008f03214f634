import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readRuleFiles } from '../../../src/rules/read-files.ts';
import { SEEN } from '../../support/stack/shapes.ts';
import { blocksOf, pages, ROOT } from './pages.ts';

const page = pages().find(({ file }) => file === 'docs/use-cases.md') ?? { file: '', text: '' };
type Rule = Readonly<Record<string, unknown>>;

const { files } = await readRuleFiles([join(ROOT, 'rules')]);
const deployed = new Map(files.map(({ text }) => parse(text) as Rule).map((rule) => [String(rule['name']), rule] as const));

describe('the page about the use cases', () => {
  test('shows rules as they are deployed, if not all of their keys', () => {
    const shown = blocksOf(page).filter(({ info }) => info === 'yaml rule');
    expect(shown.length).toBe(2);
    for (const { text } of shown) {
      const rule = parse(text) as Rule;
      expect(deployed.get(String(rule['name']))).toMatchObject(rule);
    }
  });

  test('says of each rule which documents it sees problem in, as the integration test found it', () => {
    const shapes = ['apm-server', 'collector-otel', 'collector-ecs', 'elastic-agent', 'collector-kubernetes'];
    const rules = [...new Set(Object.values(SEEN).flat())].sort();
    expect(rules.filter((rule) => !deployed.has(rule))).toEqual([]);
    const rows = rules.map((rule) => {
      const cells = shapes.map((shape) => (SEEN[shape]?.includes(rule) ? '✓' : '–'));
      return `| \`${rule}\` | ${cells.join(' | ')} |`;
    });
    expect(page.text).toContain(rows.join('\n'));
  });

  test('has its pictures, and none is large', () => {
    const pictures = [...page.text.matchAll(/!\[[^\]]+\]\((images\/[^)]+)\)/g)].map(([, file]) => String(file));
    expect(pictures.length).toBe(4);
    for (const file of pictures) expect(statSync(join(ROOT, 'docs', file)).size).toBeLessThan(150_000);
  });
});
