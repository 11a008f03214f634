import { alertEpisodes } from '../../backtest/alert-episodes.ts';
import { type MeasuredValues, PARTS } from '../../backtest/measured-values.ts';
import type { RuleStory } from '../../backtest/rule-story.ts';
import { pageText } from '../../core/html-text.ts';
import { iso, type TimeRange } from '../../core/time.ts';
import { counted, groupText } from '../wording.ts';
import { headOf, numberText, scaleOf } from './story-chart.ts';

const WIDTH = 720;
const PLOT = 120;
const TOP = 14;
const BAND = 10;
const GAP = 6;
/** Episodes that are drawn: more than these are not seen apart. */
const MARKS = 1_000;
const TITLE = 120;

/** One version of a rule in a chart; the name says which, and is empty where there is only one. */
export interface StoryVersion {
  readonly name: '' | 'before' | 'after';
  readonly story: RuleStory;
  readonly measured: MeasuredValues | undefined;
}

/** A chart of what a rule measured as SVG within a page: the values, the thresholds as dashed lines, and a band of when it fired. */
export function chartSvg(story: RuleStory, measured: MeasuredValues, range: TimeRange): string {
  return versionsSvg([{ name: '', story, measured }], range);
}

/** The values and thresholds of versions of a rule in one chart, and below it a band for each of when it fired. */
export function versionsSvg(versions: readonly StoryVersion[], range: TimeRange): string {
  const drawn = versions.flatMap(({ name, measured }) => (measured === undefined ? [] : [{ name, measured }]));
  const all = drawn.map(({ measured }) => measured);
  const { low, high } = scaleOf({
    parts: all.flatMap(({ parts }) => parts),
    limits: all.flatMap(({ limits }) => limits),
  });
  const plot = drawn.length === 0 ? 0 : PLOT;
  const y = (value: number) => (TOP + plot * (1 - (value - low) / (high - low))).toFixed(1);
  const x = (at: number) => (Math.max(0, Math.min(1, (at - range.from) / (range.to - range.from))) * WIDTH).toFixed(1);
  // Of versions that measured the same one line says all.
  const lines = drawn.filter(({ measured }, place) => drawn.findIndex((one) => sameValues(one.measured, measured)) === place);
  const first = TOP + plot + 6;
  const bottom = first + versions.length * (BAND + GAP) - GAP;
  const [from, to] = [iso(range.from).slice(0, 16), iso(range.to).slice(0, 16)];
  const said = versions.map(({ name, story, measured }) => labelOf(name, story, measured, range)).join('; ');
  return [
    `<svg viewBox="0 0 ${WIDTH} ${bottom + 16}" role="img" aria-label="${pageText(said)}">`,
    ...lines.flatMap(({ name, measured }) =>
      linesOf(measured).map(
        (points) =>
          `<polyline class="${classes('value', name)}" points="${points.map(([part, value]) => `${((part / PARTS) * WIDTH).toFixed(1)},${y(value)}`).join(' ')}"/>`,
      ),
    ),
    ...limitsOf(drawn).map(
      ({ name, limit }) =>
        `<line class="${classes('limit', name === 'both' ? '' : name)}" x1="0" x2="${WIDTH}" y1="${y(limit)}" y2="${y(limit)}"/><text class="end" x="${WIDTH}" y="${Number(y(limit)) - 3}">${`${name === 'both' ? '' : name} ${numberText(limit)}`.trim()}</text>`,
    ),
    ...(drawn.length === 0 ? [] : [`<text x="0" y="10">${numberText(high)}</text>`]),
    ...versions.flatMap(({ name, story }, place) => bandOf(name, story, first + place * (BAND + GAP), { range, x })),
    `<text x="0" y="${bottom + 13}">${from}Z</text><text class="end" x="${WIDTH}" y="${bottom + 13}">${to}Z</text>`,
    '</svg>',
  ].join('');
}

function bandOf(
  name: StoryVersion['name'],
  story: RuleStory,
  top: number,
  { range, x }: { readonly range: TimeRange; readonly x: (at: number) => string },
): readonly string[] {
  const marks = alertEpisodes(story, range.to)
    .slice(0, MARKS)
    .map(({ group, from, to, severity }) => {
      const width = Math.max(1.5, Number(x(to)) - Number(x(from))).toFixed(1);
      const title = `${name} ${groupText(group)} ${severity} ${iso(from)} – ${iso(to)}`.trim().slice(0, TITLE);
      return `<rect class="${classes('fires', name)}" x="${x(from)}" y="${top}" width="${width}" height="${BAND}"><title>${pageText(title)}</title></rect>`;
    });
  return [
    `<rect class="band" x="0" y="${top}" width="${WIDTH}" height="${BAND}"/>`,
    ...marks,
    ...(name === '' ? [] : [`<text x="4" y="${top + BAND - 1}">${name}</text>`]),
  ];
}

/** The thresholds of versions; those that both have are of both. */
function limitsOf(drawn: readonly { readonly name: StoryVersion['name']; readonly measured: MeasuredValues }[]) {
  const named = drawn.flatMap(({ name, measured: { limits } }) => limits.map(({ number }) => ({ name, limit: number })));
  return [...new Set(named.map(({ limit }) => limit))].map((limit) => {
    const of = [...new Set(named.filter((one) => one.limit === limit).map(({ name }) => name))];
    return { limit, name: of.length > 1 ? ('both' as const) : (of[0] ?? '') };
  });
}

function sameValues(one: MeasuredValues, other: MeasuredValues): boolean {
  return one.value === other.value && one.parts.every((part, place) => part === other.parts[place]);
}

function labelOf(name: string, story: RuleStory, measured: MeasuredValues | undefined, { to }: TimeRange): string {
  if (name === '') return measured === undefined ? '' : headOf(measured);
  const episodes = counted(alertEpisodes(story, to).length, 'episode');
  return `${name} ${episodes}${measured === undefined ? '' : ` of ${headOf(measured)}`}`;
}

function classes(name: string, of: string): string {
  return of === '' ? name : `${name} ${of}`;
}

/** Parts that follow each other as they were measured; a part without a value ends a line only where several are without. */
function linesOf({ parts }: MeasuredValues): readonly (readonly (readonly [number, number])[])[] {
  const measured = parts.flatMap((value, part): readonly (readonly [number, number])[] =>
    value === null ? [] : [[part, value]],
  );
  const usual = Math.max(1, Math.ceil(PARTS / Math.max(1, measured.length)));
  const lines: (readonly [number, number])[][] = [];
  for (const point of measured) {
    const line = lines.at(-1);
    const last = line?.at(-1);
    if (line !== undefined && last !== undefined && point[0] - last[0] <= usual * 2) line.push(point);
    else lines.push([point]);
  }
  return lines;
}
