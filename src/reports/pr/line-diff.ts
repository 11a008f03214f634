/** A line of two texts laid side by side. */
export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Beyond this many pairs of lines nothing is aligned: the older text goes, the newer one comes. */
const MOST_PAIRS = 4_000_000;

/** The lines of two texts, those that both have in common once. */
export function keyDiff(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const gone = before.map((text): DiffLine => ({ kind: 'gone', text }));
  const fresh = after.map((text): DiffLine => ({ kind: 'new', text }));
  if (before.length * after.length > MOST_PAIRS) return [...gone, ...fresh];
  const width = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number) => longest[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      longest[row * width + column] =
        before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    const same = before[row] === after[column];
    if (same) lines.push({ kind: 'same', text: before[row++] ?? '' });
    else if (at(row + 1, column) >= at(row, column + 1)) lines.push(gone[row++] ?? { kind: 'gone', text: '' });
    else lines.push(fresh[column] ?? { kind: 'new', text: '' });
    if (same || lines.at(-1)?.kind === 'new') column++;
  }
  return [...lines, ...gone.slice(row), ...fresh.slice(column)];
}
