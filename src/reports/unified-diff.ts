import { plainLine, plainText } from './plain-text.ts';

/** Lines around a change that are shown with it. */
const AROUND = 2;
/** How far ahead the two texts are looked through for where they meet again. */
const AHEAD = 200;

type Line = { readonly sign: ' ' | '-' | '+'; readonly text: string; readonly at: number };

/** The lines that differ between two texts, as a unified diff of one file with two lines around each change. */
export function unifiedDiff(file: string, before: string, after: string): string {
  const lines = compared(before.split('\n'), after.split('\n'));
  const shown = new Set<number>();
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    for (let near = index - AROUND; near <= index + AROUND; near += 1) shown.add(near);
  }
  const name = plainLine(file);
  const out = [`--- ${name}`, `+++ ${name}`];
  for (const [index, { sign, text, at }] of lines.entries()) {
    if (!shown.has(index)) continue;
    if (!shown.has(index - 1)) out.push(`@@ line ${at} @@`);
    out.push(`${sign}${plainText(text)}`);
  }
  return out.join('\n');
}

function compared(old: readonly string[], young: readonly string[]): readonly Line[] {
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < young.length) {
    if (i < old.length && j < young.length && old[i] === young[j]) {
      lines.push({ sign: ' ', text: old[i] ?? '', at: i + 1 });
      i += 1;
      j += 1;
      continue;
    }
    const [removed, added] = distance(old.slice(i, i + AHEAD), young.slice(j, j + AHEAD));
    for (const text of old.slice(i, i + removed)) lines.push({ sign: '-', text, at: i + 1 });
    for (const text of young.slice(j, j + added)) lines.push({ sign: '+', text, at: i + 1 });
    i += removed;
    j += added;
  }
  return lines;
}

/** How many lines of each are passed over until both go on with the same line; the fewest together. */
function distance(old: readonly string[], young: readonly string[]): readonly [number, number] {
  for (let sum = 1; sum < old.length + young.length; sum += 1) {
    for (let removed = Math.min(sum, old.length); removed >= 0 && sum - removed <= young.length; removed -= 1) {
      const [a, b] = [old[removed], young[sum - removed]];
      if (a !== undefined && a === b) return [removed, sum - removed];
    }
  }
  return [old.length, young.length];
}
