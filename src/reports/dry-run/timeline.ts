import type { ReportedStatus, RuleStory } from '../../backtest/rule-story.ts';
import { DAY, HOUR, type Instant, MINUTE, type TimeRange } from '../../core/time.ts';
import { type Look, type Paint, paletteOf } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { fitText, padText, textWidth } from '../text-width.ts';
import { stretchesOf } from './episodes.ts';

type Mark = ReportedStatus | 'gap' | 'flapping';

/** Marks also differ in shape, for readers who cannot see colors. */
const SHAPES: Readonly<Record<Mark, string>> = {
  inactive: '·',
  pending: '▒',
  firing: '█',
  recovering: '▄',
  gap: '×',
  flapping: '▚',
};
/** What is shown if several are in one column: the worst of them. */
const RANK: Readonly<Record<Mark, number>> = { inactive: 0, gap: 1, pending: 2, recovering: 3, firing: 4, flapping: 5 };
const LEGEND: readonly (readonly [Mark, string])[] = [
  ['pending', 'pending'],
  ['firing', 'firing'],
  ['recovering', 'recovering'],
  ['gap', 'not evaluated'],
  ['flapping', 'flapping, notified once'],
];
const NAME_COLUMNS = 32;
const LEAST_EVALUATION = 20;
const MOST_EVALUATION = 160;

/** One row per rule over the time of a dry run: each column shows the worst that any of the rule's alerts was in it. */
export function timeline(
  rules: readonly RuleStory[],
  range: { readonly from: Instant; readonly to: Instant },
  look: Look,
): string {
  const names = rules.map(({ name }) => fitText(plainLine(name), NAME_COLUMNS));
  const left = names.reduce((widest, name) => Math.max(widest, textWidth(name)), 0);
  const columns = Math.max(LEAST_EVALUATION, Math.min(MOST_EVALUATION, look.columns - left - 3));
  const { faint } = paletteOf(look);
  const ruleRows = rules.map(
    (story, index) => `${padText(names[index] ?? '', left)} ${faint('│')}${ruleRow(story, range, columns, look)}`,
  );
  const indent = ' '.repeat(left + 2);
  return [...ruleRows, `${indent}${faint(axis(range, columns))}`, `${indent}${legend(rules, look)}`]
    .map((line) => `${line}\n`)
    .join('');
}

function ruleRow(story: RuleStory, range: TimeRange, columns: number, look: Look): string {
  const marks: Mark[] = Array.from({ length: columns }, () => 'inactive');
  const paint = (mark: Mark, from: Instant, to: Instant) => {
    const first = columnOf(from, range, columns);
    // What ends where a column begins does not touch that column, but even a moment is seen.
    const last = Math.max(first, Math.ceil(((to - range.from) / (range.to - range.from)) * columns) - 1);
    for (let column = first; column <= Math.min(last, columns - 1); column++) {
      if (RANK[mark] > RANK[marks[column] ?? 'inactive']) marks[column] = mark;
    }
  };
  for (const gap of story.gaps) paint('gap', Math.max(gap.from, range.from), gap.to);
  if (story.failed > 0 && story.failed === story.windows) paint('gap', range.from, range.to);
  for (const { from, to } of story.flapping) paint('flapping', Math.max(from, range.from), to ?? range.to);
  for (const stretch of stretchesOf(story, range)) paint(stretch.status, stretch.from, stretch.to);
  return runsOf(marks)
    .map(({ mark, length }) => paints(look)[mark](SHAPES[mark].repeat(length)))
    .join('');
}

function columnOf(at: Instant, range: TimeRange, columns: number): number {
  return Math.max(0, Math.min(columns - 1, Math.floor(((at - range.from) / (range.to - range.from)) * columns)));
}

/** Adjacent equal marks, so that a row is painted in a few steps. */
function runsOf(marks: readonly Mark[]): readonly { readonly mark: Mark; readonly length: number }[] {
  const runs: { mark: Mark; length: number }[] = [];
  for (const mark of marks) {
    const last = runs.at(-1);
    if (last?.mark === mark) last.length++;
    else runs.push({ mark, length: 1 });
  }
  return runs;
}

function paints(look: Look): Readonly<Record<Mark, Paint>> {
  const { faint, bad, careful, calm } = paletteOf(look);
  return { inactive: faint, pending: careful, firing: bad, recovering: calm, gap: faint, flapping: bad };
}

function legend(rules: readonly RuleStory[], look: Look): string {
  const paint = paints(look);
  const flaps = rules.some(({ flapping }) => flapping.length > 0);
  return LEGEND.filter(([mark]) => mark !== 'flapping' || flaps)
    .map(([mark, words]) => `${paint[mark](SHAPES[mark])} ${words}`)
    .join('   ');
}

const STEPS = [1, 2, 5, 10, 15, 30]
  .map((count) => count * MINUTE)
  .concat(
    [1, 2, 3, 6, 12].map((count) => count * HOUR),
    [1, 2, 7, 14, 28, 91, 182, 364].map((count) => count * DAY),
  );

/** Round times under a row, each at its position, as many as there is room for. */
export function axis(range: TimeRange, columns: number): string {
  const length = range.to - range.from;
  const fits = (step: number) => (step / length) * columns >= label(range.from, step, length).length + 2;
  const step = STEPS.find(fits) ?? length;
  let line = '';
  for (let at = Math.ceil(range.from / step) * step; at <= range.to; at += step) {
    const place = Math.floor(((at - range.from) / length) * columns);
    const text = label(at, step, length);
    if (place + text.length <= columns) line = line.padEnd(place) + text;
  }
  return line;
}

/** Only the part of a time that distinguishes it from the others on the axis. */
function label(at: Instant, step: number, length: number): string {
  const text = new Date(at).toISOString();
  if (step >= DAY) return length > 300 * DAY ? text.slice(0, 10) : text.slice(5, 10);
  return length > DAY ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(11, 16);
}
