/** A line of two texts that were compared: in both, in the older one only, or in the newer one only. */
export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Lines on each side between which the longest common part is looked for: the table has the product of both as its size. */
const MOST_LINES = 1_500;

/** The lines of two texts, those that both have in common once. Very long differences are not aligned: the older lines go, the newer ones come. */
export function alignLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const most = Math.min(before.length, after.length);
  let begin = 0;
  while (begin < most && before[begin] === after[begin]) begin++;
  let end = 0;
  while (end < most - begin && before.at(-1 - end) === after.at(-1 - end)) end++;
  const middle = changed(before.slice(begin, before.length - end), after.slice(begin, after.length - end));
  return [...before.slice(0, begin).map(same), ...middle, ...before.slice(before.length - end).map(same)];
}

/** For each line whether it is a change or at most `around` lines away from one: what a unified diff shows. */
export function nearChanges(lines: readonly DiffLine[], around: number): readonly boolean[] {
  const near = new Array<boolean>(lines.length).fill(false);
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same') near.fill(true, Math.max(0, index - around), index + around + 1);
  return near;
}

function changed(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  if (before.length > MOST_LINES || after.length > MOST_LINES) return [...before.map(gone), ...after.map(fresh)];
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      common[row * width + column] =
        before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    const [old = '', next = ''] = [before[row], after[column]];
    const isSame = old === next;
    const isGone = !isSame && at(row + 1, column) >= at(row, column + 1);
    lines.push(isSame ? same(old) : isGone ? gone(old) : fresh(next));
    if (isSame || isGone) row++;
    if (!isGone) column++;
  }
  return [...lines, ...before.slice(row).map(gone), ...after.slice(column).map(fresh)];
}

function same(text: string): DiffLine {
  return { kind: 'same', text };
}

function gone(text: string): DiffLine {
  return { kind: 'gone', text };
}

function fresh(text: string): DiffLine {
  return { kind: 'new', text };
}
