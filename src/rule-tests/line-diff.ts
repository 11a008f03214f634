import { alignLines, nearChanges } from '../core/align-lines.ts';

/** Lines of a unified diff: the first character says whether it is kept (` `), expected only (`-`) or got only (`+`); `@@` where lines are left out. */
export type LineDiff = readonly string[];

const CONTEXT = 3;
const SIGNS = { same: ' ', gone: '-', new: '+' } as const;

/** How a text differs from the one that was expected, by lines; empty: not at all. Long texts are compared from both ends only. */
export function lineDiff(expected: string, got: string): LineDiff {
  if (expected === got) return [];
  const lines = alignLines(expected.split('\n'), got.split('\n'));
  const near = nearChanges(lines, CONTEXT);
  return lines.flatMap(({ kind, text }, index) => {
    if (near[index]) return [`${SIGNS[kind]}${text}`];
    return index > 0 && !near[index - 1] ? [] : ['@@'];
  });
}
