/**
 * The known word nearest to a misspelt one: edit distance at most 2 or a third of its length, 1 where either is of up to three
 * letters, and never all of a word; undefined when none is near.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const limit = Math.min(bestDistance, farthest(word, candidate) + 1);
    if (Math.abs(candidate.length - word.length) >= limit) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < limit) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Names that a next step lists; the others are counted. */
const LISTED = 20;

/** The hint for an unknown name: the nearest known one, and the list of all. */
export function namesInstead(word: string, known: Iterable<string>): string {
  const names = [...known];
  if (names.length === 0) return 'there are none';
  const near = nearest(word, names);
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  const list = `known: ${names.slice(0, LISTED).join(', ')}${more}`;
  return near === undefined ? list : `did you mean ${near}? ${list}`;
}

/** In a short word two letters are most of it: `zz` is not a misspelt `at`. */
function farthest(word: string, candidate: string): number {
  const shorter = Math.min(word.length, candidate.length);
  if (shorter <= 3) return Math.min(1, shorter - 1);
  return Math.max(2, Math.floor(word.length / 3));
}

/** Optimal string alignment distance: insertions, deletions, replacements and swapped neighbours count 1 each. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) value = Math.min(value, (before[j - 2] ?? 0) + 1);
      row.push(value);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}
