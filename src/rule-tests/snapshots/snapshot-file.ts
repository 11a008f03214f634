import { basename, dirname, join } from 'node:path';
import { visible } from '../../core/visible.ts';

/** The messages of one test file as they are kept: key to text, in the order in which they were written. */
export type Snapshots = ReadonlyMap<string, string>;

/** The folder beside test files that snapshots are in. */
export const SNAPSHOT_FOLDER = '__snapshots__';

const INDENT = '  ';

/** Where the snapshots of a test file are: `__snapshots__/stub-5xx.test.txt` beside `stub-5xx.test.yaml`. */
export function snapshotPath(file: string): string {
  return join(dirname(file), SNAPSHOT_FOLDER, `${basename(file).replace(/\.yaml$/i, '')}.txt`);
}

/** Reads a snapshot file: a key at the beginning of a line, its text indented below. Whatever the file holds, this gives some keys. */
export function readSnapshots(text: string): Snapshots {
  const lists = new Map<string, string[]>();
  let current: string[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (index === 0 && line.startsWith('# ')) continue;
    if (/^\S/.test(line)) {
      current = [];
      lists.set(line.trim(), current);
    } else current.push(line.startsWith(INDENT) ? line.slice(INDENT.length) : line);
  }
  return new Map([...lists].map(([key, lines]) => [key, keptText(lines.join('\n'))]));
}

/** Writes a snapshot file as people review it. */
export function snapshotsText(file: string, snapshots: Snapshots): string {
  const head = `# Messages of ${keyText(basename(file))}; \`tocsin test --update\` rewrites them.\n`;
  return [head, ...[...snapshots].map(([key, text]) => `${key}\n${indented(text)}\n`)].join('\n');
}

/** A key on one line, of what can be seen. */
export function keyText(text: string): string {
  return visible(text.replace(/\s+/g, ' ').trim());
}

/** A text as a snapshot keeps it: editors remove spaces at the ends of lines, and characters without a glyph are invisible. */
export function keptText(text: string): string {
  return visible(text.replace(/\r\n?/g, '\n'))
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `${INDENT}${line}`))
    .join('\n');
}
