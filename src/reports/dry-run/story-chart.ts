import { alertEpisodes, groupName, timeInAlert } from '../../backtest/alert-episodes.ts';
import { columnsOf, type MeasuredValues } from '../../backtest/measured-values.ts';
import type { RuleStory } from '../../backtest/rule-story.ts';
import { isBeyond } from '../../conditions/thresholds.ts';
import { humanDuration } from '../../core/duration.ts';
import type { TimeRange } from '../../core/time.ts';
import { type Look, paletteOf } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { padText } from '../text-width.ts';
import { counted, groupText } from '../wording.ts';
import { axis } from './timeline.ts';

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const ROWS = 6;
const LEAST_COLUMNS = 20;
const MOST_COLUMNS = 120;
const GROUPS_SHOWN = 3;

/** A chart of what a rule measured, as lines of text: bars over time, its thresholds, when it fired, and the groups that fired longest. */
export function chartLines(story: RuleStory, measured: MeasuredValues, range: TimeRange, look: Look): readonly string[] {
  const { faint, bad, calm } = paletteOf(look);
  const scale = scaleOf(measured);
  const rows = thresholdRows(measured, scale);
  const labels = Array.from(
    { length: ROWS },
    (_, row) => rows.get(row) ?? (row === ROWS - 1 ? numberText(scale.high) : row === 0 ? numberText(scale.low) : ''),
  );
  const left = labels.reduce((widest, label) => Math.max(widest, label.length), 'fires'.length);
  const count = Math.max(LEAST_COLUMNS, Math.min(MOST_COLUMNS, look.columns - left - 4));
  const columns = columnsOf(measured, count, story.windows);
  const isBad = (value: number) => measured.limits.some((limit) => isBeyond(value, limit));
  const drawn = labels.map((label, row) => {
    const cells = columns.map((value) => {
      const block = value === null ? ' ' : blockOf(((value - scale.low) / (scale.high - scale.low)) * ROWS - row);
      if (block === ' ') return rows.has(row) ? faint('┄') : ' ';
      return value !== null && isBad(value) ? bad(block) : calm(block);
    });
    return `${padText(label, left, 'right')} ${faint('│')}${cells.join('')}`.trimEnd();
  });
  const fires = firingColumns(story, range, count).map((is) => (is ? bad('█') : faint('·')));
  return [
    plainLine(headOf(measured)),
    ...drawn.reverse(),
    `${padText('fires', left, 'right')} ${faint('│')}${fires.join('')}`,
    `${' '.repeat(left + 2)}${faint(axis(range, count))}`,
    ...longestGroups(story, range).map((line) => plainLine(line)),
  ];
}

/** What a chart shows: the value, of which groups, and its thresholds. */
export function headOf({ value, bad, limits }: MeasuredValues): string {
  const compared = limits.map(({ sign, number }) => `${sign} ${numberText(number)}`).join(', ');
  const of = `${value}, ${bad === 'above' ? 'the highest' : 'the lowest'} of all groups`;
  return compared === '' ? of : `${of}; bad ${compared}`;
}

/** The groups that fired longest, and how many others did; empty for a rule without groups. */
export function longestGroups(story: RuleStory, range: TimeRange): readonly string[] {
  const groups = new Map<string, { readonly text: string; readonly episodes: TimeRange[] }>();
  for (const { group, from, to } of alertEpisodes(story, range.to)) {
    const known = groups.get(groupName(group)) ?? { text: groupText(group), episodes: [] };
    known.episodes.push({ from, to });
    groups.set(groupName(group), known);
  }
  const sorted = [...groups.values()]
    .filter(({ text }) => text !== '')
    .map(({ text, episodes }) => ({ text, time: timeInAlert(episodes, range) }))
    .sort((a, b) => b.time - a.time || (a.text < b.text ? -1 : 1));
  if (sorted.length === 0) return [];
  const shown = sorted.slice(0, GROUPS_SHOWN).map(({ text, time }) => `${text} ${humanDuration(time)}`);
  const more = sorted.length - shown.length;
  return [`most time in alert: ${[...shown, ...(more > 0 ? [counted(more, 'more group')] : [])].join('; ')}`];
}

/** The bounds of a chart: 0, what was measured and the thresholds lie within. */
export function scaleOf({ parts, limits }: Pick<MeasuredValues, 'parts' | 'limits'>): {
  readonly low: number;
  readonly high: number;
} {
  const all = [0, ...limits.map(({ number }) => number), ...parts.filter((value) => value !== null)];
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  return { low, high: high === low ? low + 1 : high };
}

/** A number in a few characters. */
export function numberText(value: number): string {
  return Math.abs(value) >= 10_000_000 ? value.toExponential(1) : String(Number(value.toPrecision(4)));
}

/** Says of each column whether any alert fired in it. */
function firingColumns(story: RuleStory, { from, to }: TimeRange, count: number): readonly boolean[] {
  const columns = Array.from({ length: count }, () => false);
  for (const episode of alertEpisodes(story, to)) {
    const first = Math.max(0, Math.floor(((episode.from - from) / (to - from)) * count));
    const last = Math.max(first, Math.ceil(((episode.to - from) / (to - from)) * count) - 1);
    for (let column = first; column <= Math.min(last, count - 1); column++) columns[column] = true;
  }
  return columns;
}

/** The rows in which thresholds lie, with their numbers. */
function thresholdRows({ limits }: MeasuredValues, { low, high }: { readonly low: number; readonly high: number }) {
  return new Map(
    limits.map(({ number }): [number, string] => {
      return [Math.min(ROWS - 1, Math.floor(((number - low) / (high - low)) * ROWS)), numberText(number)];
    }),
  );
}

/** How much of a row is filled, in eighths; whatever is more than nothing is seen in the lowest row. */
function blockOf(filled: number): string {
  if (filled <= 0) return ' ';
  return LEVELS[Math.min(LEVELS.length - 1, Math.max(0, Math.ceil(filled * LEVELS.length) - 1))] ?? '█';
}
