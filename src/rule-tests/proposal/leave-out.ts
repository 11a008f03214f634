/**
 * Leaves out what is not needed: tries without ever smaller parts of a list, keeps what still holds, and stops after so many tries. The order
 * stays. `holds` was true of the whole list.
 */
export async function leaveOut<T>(
  items: readonly T[],
  holds: (items: readonly T[]) => Promise<boolean>,
  tries: number,
): Promise<readonly T[]> {
  let kept = items;
  let left = tries;
  for (let size = Math.ceil(items.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let begin = 0; begin < kept.length && left > 0; ) {
      const without = [...kept.slice(0, begin), ...kept.slice(begin + size)];
      left -= 1;
      if (await holds(without)) kept = without;
      else begin += size;
    }
  }
  return kept;
}
