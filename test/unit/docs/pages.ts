import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A page for people, by its path from the project's folder. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

/** A fenced block: what stands behind the fence, its text, and its line (1-based). */
export interface Block {
  readonly page: string;
  readonly info: string;
  readonly text: string;
  readonly line: number;
}

/** A file of the project, by its path from its folder. */
export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** README and the other pages at the top, all of docs/ but the decisions, and the catalogue of rules. */
export function pages(): readonly Page[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md');
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const files = [...top, ...docs.map((name) => `docs/${name}`), 'rules/README.md'];
  return files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
}

/** The fenced blocks of a page. */
export function blocksOf({ file, text }: Page): readonly Block[] {
  return [...text.matchAll(/^```([^\n`]*)\n(.*?)^```$/gms)].map((match) => {
    const [, info = '', body = ''] = match;
    return { page: file, info: info.trim(), text: body, line: text.slice(0, match.index).split('\n').length };
  });
}

/** A page without its fenced blocks. */
export function proseOf({ text }: Page): string {
  return text.replaceAll(/^```[^\n`]*\n.*?^```$/gms, '');
}

/** The code spans of a page's prose; in tables a bar is written with a backslash. */
export function codeSpans(page: Page): readonly string[] {
  return [...proseOf(page).matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, span = '']) => span.replaceAll('\\|', '|'));
}
