import type { Duration, TimeRange } from '../../core/time.ts';

/** A slice is never shorter than this, ms. */
const LEAST: Duration = 1_000;
/** Slices for each window at most: beyond it the windows themselves are cheaper. */
const SLICES_A_WINDOW = 4;

/**
 * The slices of which each of the windows is made up, oldest first: as long as the bounds of the windows allow. Undefined where the windows
 * do not overlap, so that nothing would be asked twice, and where slices would be too many.
 */
export function slicesOf(windows: readonly TimeRange[]): readonly TimeRange[] | undefined {
  const [first] = windows;
  const last = windows.at(-1);
  if (first === undefined || last === undefined || !areOverlapping(windows)) return undefined;
  const length = windows.reduce((so, { from, to }) => gcd(gcd(so, from - first.from), to - first.from), 0);
  const count = (last.to - first.from) / length;
  if (length < LEAST || count > windows.length * SLICES_A_WINDOW + (first.to - first.from) / length) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const from = first.from + index * length;
    return { from, to: from + length };
  });
}

/** Both bounds rise from window to window, and each window begins before the one before it has ended. */
function areOverlapping(windows: readonly TimeRange[]): boolean {
  return (
    windows.length > 1 &&
    windows.slice(1).every(({ from, to }, index) => {
      const before = windows[index];
      return before !== undefined && from > before.from && to > before.to && from < before.to;
    })
  );
}

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}
