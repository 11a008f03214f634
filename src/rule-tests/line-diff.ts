/** Lines of a unified diff: the first character says whether it is kept (` `), expected only (`-`) or got only (`+`); `@@` where lines are left out. */
export type LineDiff = readonly string[];

const CONTEXT = 3;
/** Lines on each side between which a shortest difference is looked for: the table has the product of both as its size. */
const MOST_LINES = 1_500;

/** How a text differs from the one that was expected, by lines; empty: not at all. Long texts are compared from both ends only. */
export function lineDiff(expected: string, got: string): LineDiff {
  if (expected === got) return [];
  const [before, after] = [expected.split('\n'), got.split('\n')];
  const most = Math.min(before.length, after.length);
  let begin = 0;
  while (begin < most && before[begin] === after[begin]) begin++;
  let end = 0;
  while (end < most - begin && before.at(-1 - end) === after.at(-1 - end)) end++;
  const middle = changed(before.slice(begin, before.length - end), after.slice(begin, after.length - end));
  const kept = (lines: readonly string[]) => lines.map((line) => ` ${line}`);
  return withoutFarLines([...kept(before.slice(0, begin)), ...middle, ...kept(before.slice(before.length - end))]);
}

/** The longest common part stays, what only one side has is taken away or added. */
function changed(before: readonly string[], after: readonly string[]): readonly string[] {
  const minus = (line: string) => `-${line}`;
  const plus = (line: string) => `+${line}`;
  if (before.length > MOST_LINES || after.length > MOST_LINES) return [...before.map(minus), ...after.map(plus)];
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      common[row * width + column] =
        before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: string[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [old = '', next = ''] = [before[row], after[column]];
    if (row < before.length && column < after.length && old === next) {
      lines.push(` ${old}`);
      row++;
      column++;
    } else if (row < before.length && (column === after.length || at(row + 1, column) >= at(row, column + 1))) {
      lines.push(minus(old));
      row++;
    } else {
      lines.push(plus(next));
      column++;
    }
  }
  return lines;
}

function withoutFarLines(lines: readonly string[]): LineDiff {
  const near = new Set(
    lines.flatMap((line, index) =>
      line.startsWith(' ') ? [] : Array.from({ length: 2 * CONTEXT + 1 }, (_, step) => index - CONTEXT + step),
    ),
  );
  return lines.flatMap((line, index) => {
    if (near.has(index)) return [line];
    return index > 0 && !near.has(index - 1) ? [] : ['@@'];
  });
}
