import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Page, pages, proseOf, ROOT } from './pages.ts';

/** The anchors that GitHub gives to the headings of a text. */
function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>();
  const named = [...text.matchAll(/<a id="([\w-]+)"><\/a>/g)].map(([, id = '']) => id);
  const ofHeadings = [...proseOf({ file: '', text }).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  return [...named, ...ofHeadings];
}

/** Links of a page that lead nowhere. */
function brokenLinks(page: Page): readonly string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const file = normalize(join(dirname(page.file), path));
    if (path !== '' && !existsSync(join(ROOT, file))) return true;
    if (path.endsWith('/')) return !statSync(join(ROOT, file)).isDirectory();
    const text = path === '' ? page.text : readFileSync(join(ROOT, file), 'utf8');
    return anchor !== undefined && !anchorsOf(text).includes(anchor);
  });
}

describe('links', () => {
  test.each(pages().map((page) => [page.file, page] as const))('of %s lead somewhere', (_file, page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  test('of rules to runbooks are no placeholders, but in the pack that is an example to copy', () => {
    const rules = readdirSync(join(ROOT, 'rules'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.yaml'),
    );
    const placeholders = rules.filter((file) => /runbook: .*example\.com/.test(readFileSync(join(ROOT, 'rules', file), 'utf8')));
    expect(placeholders.length).toBeGreaterThan(0);
    expect(placeholders.filter((file) => dirname(file) !== 'stub')).toEqual([]);
  });

  test('to a file, a heading or a page that is not there are found', () => {
    const text = '# A `word`\n[a](#a-word) [b](#b) [c](README.md) [d](none.md) [e](docs/rules.md#nothing)\n';
    expect(brokenLinks({ file: 'page.md', text })).toEqual(['#b', 'none.md', 'docs/rules.md#nothing']);
  });
});
