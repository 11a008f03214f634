import type { Difference } from '../rule-tests/compare.ts';
import type { LineDiff } from '../rule-tests/line-diff.ts';
import { type Look, paletteOf } from './look.ts';
import { plainLine, withoutCommands } from './plain-text.ts';
import { aligned } from './table.ts';
import { textWidth } from './text-width.ts';

/** Texts wider than this are shown below each other: cut to fit side by side, they might look the same. */
const WIDEST_BESIDE = 44;

/** What differs from an expectation, and nothing else: expected and got beside each other, long texts below each other. */
export function differenceLines(differences: readonly Difference[], look: Look): readonly string[] {
  const { faint, good, bad, careful } = paletteOf(look);
  const short = differences.filter(fitsBeside);
  const rows = short.map(({ key, expected, got }) => [
    { text: key, paint: careful },
    { text: expected, paint: good },
    { text: got, paint: bad },
  ]);
  const head = ['differs', 'expected', 'got'].map((text) => ({ text, paint: faint }));
  const beside = rows.length === 0 ? [] : aligned([{}, {}, {}], [head, ...rows], { ...look, whole: true });
  const below = differences
    .filter((one) => !fitsBeside(one))
    .flatMap(({ key, expected, got, diff }) => {
      const lines = diff === undefined ? [good(`- ${plainLine(expected)}`), bad(`+ ${plainLine(got)}`)] : diffLines(diff, look);
      return [`${faint('differs')}  ${careful(plainLine(key))}`, ...lines.map((line) => `  ${line}`)];
    });
  return [...beside, ...below].map((line) => `  ${line}`);
}

/** A unified diff: `-` was expected, `+` is there. */
export function diffLines(diff: LineDiff, look: Look): readonly string[] {
  if (diff.length === 0) return [];
  const { faint, good, bad, calm } = paletteOf(look);
  const lines = diff.map((line) => {
    if (line === '@@') return calm('@@');
    const text = `${line.slice(0, 1)}${visibleLine(line.slice(1))}`.trimEnd();
    return line.startsWith('-') ? good(text) : line.startsWith('+') ? bad(text) : faint(text);
  });
  return [good('- expected'), bad('+ got'), ...lines];
}

/** As it is, indented as it is, but on one line and nothing that a terminal or a CI would obey. */
function visibleLine(line: string): string {
  const blanks = /^ */.exec(line)?.[0] ?? '';
  return withoutCommands(`${blanks}${plainLine(line)}`);
}

function fitsBeside({ expected, got, diff }: Difference): boolean {
  return diff === undefined && textWidth(expected) <= WIDEST_BESIDE && textWidth(got) <= WIDEST_BESIDE;
}
