/** A pattern as runs of characters between `*`; within a run, undefined stands for any one character. */
export type Glob = readonly (readonly (string | undefined)[])[];

/** Reads a pattern with `*`, and `?` where asked for; a backslash takes the next character literally. */
export function parseGlob(pattern: string, questionMark: 'any one' | 'literal' = 'literal'): Glob {
  const runs: (string | undefined)[][] = [[]];
  let escaped = false;
  for (const character of pattern) {
    if (escaped || !'*?\\'.includes(character)) runs.at(-1)?.push(character);
    else if (character === '*') runs.push([]);
    else if (character === '?') runs.at(-1)?.push(questionMark === 'literal' ? '?' : undefined);
    escaped = !escaped && character === '\\';
  }
  if (escaped) runs.at(-1)?.push('\\');
  return runs;
}

/** A test of whole texts against a pattern, in time linear to the text but for `?`: no backtracking over hostile patterns. */
export function globTest(glob: Glob): (text: string) => boolean {
  if (glob.some((run) => run.includes(undefined))) {
    return (text) => testRuns([...text], glob, findAny);
  }
  const runs = glob.map((run) => run.join(''));
  return (text) => testRuns(text, runs, (within, run, from) => within.indexOf(run, from));
}

/** A test of names against a pattern in which only `*` means something. */
export function nameTest(pattern: string): (name: string) => boolean {
  return pattern.includes('*') ? globTest(pattern.split('*').map((run) => [...run])) : (name) => name === pattern;
}

interface Sequence {
  readonly length: number;
}

/** First run at the start, last at the end, each other at the first place after the one before. */
function testRuns<T extends Sequence, R extends Sequence>(
  text: T,
  runs: readonly R[],
  find: (text: T, run: R, from: number) => number,
): boolean {
  const [first] = runs;
  const last = runs.at(-1);
  if (first === undefined || last === undefined || find(text, first, 0) !== 0) return false;
  if (runs.length === 1) return text.length === first.length;
  let at = first.length;
  for (const run of runs.slice(1, -1)) {
    const found = find(text, run, at);
    if (found < 0) return false;
    at = found + run.length;
  }
  const tail = text.length - last.length;
  return tail >= at && find(text, last, tail) === tail;
}

function findAny(text: readonly string[], run: readonly (string | undefined)[], from: number): number {
  for (let at = from; at + run.length <= text.length; at += 1) {
    if (run.every((wanted, offset) => wanted === undefined || wanted === text[at + offset])) return at;
  }
  return -1;
}
