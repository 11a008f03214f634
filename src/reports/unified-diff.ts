import { alignLines, nearChanges } from '../core/align-lines.ts';
import { plainLine, plainText } from './plain-text.ts';

/** Lines around a change that are shown with it. */
const AROUND = 2;
const LINE_END = /\r?\n/;
const SIGNS = { same: ' ', gone: '-', new: '+' } as const;

/** The lines that differ between two texts, as a unified diff of one file with two lines around each change. */
export function unifiedDiff(file: string, before: string, after: string): string {
  const lines = alignLines(before.split(LINE_END), after.split(LINE_END));
  const near = nearChanges(lines, AROUND);
  const name = plainLine(file);
  const out = [`--- ${name}`, `+++ ${name}`];
  let line = 1;
  for (const [index, { kind, text }] of lines.entries()) {
    if (near[index] && !near[index - 1]) out.push(`@@ line ${line} @@`);
    if (near[index]) out.push(`${SIGNS[kind]}${plainText(text)}`);
    if (kind !== 'new') line++;
  }
  return out.join('\n');
}
