import { alertEpisodes } from '../../backtest/alert-episodes.ts';
import { type MeasuredValues, PARTS } from '../../backtest/measured-values.ts';
import type { RuleStory } from '../../backtest/rule-story.ts';
import { iso, type TimeRange } from '../../core/time.ts';
import { visible } from '../../core/visible.ts';
import { groupText } from '../wording.ts';
import { headOf, numberText, scaleOf } from './story-chart.ts';

const WIDTH = 720;
const PLOT = 120;
const TOP = 14;
const BAND = 10;
/** Episodes that are drawn: more than these are not seen apart. */
const MARKS = 1_000;
const TITLE = 120;

/** Text as text of a page or of SVG: nothing in it is markup, and nothing in it is invisible. */
export function svgText(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A chart of what a rule measured as SVG within a page: the values, the thresholds as dashed lines, and a band of when it fired. */
export function chartSvg(story: RuleStory, measured: MeasuredValues, range: TimeRange): string {
  const { low, high } = scaleOf(measured);
  const y = (value: number) => (TOP + PLOT * (1 - (value - low) / (high - low))).toFixed(1);
  const x = (at: number) => (Math.max(0, Math.min(1, (at - range.from) / (range.to - range.from))) * WIDTH).toFixed(1);
  const limits = measured.limits.map(
    ({ number: limit }) =>
      `<line class="limit" x1="0" x2="${WIDTH}" y1="${y(limit)}" y2="${y(limit)}"/><text class="end" x="${WIDTH}" y="${Number(y(limit)) - 3}">${numberText(limit)}</text>`,
  );
  const band = TOP + PLOT + 6;
  const marks = alertEpisodes(story, range.to)
    .slice(0, MARKS)
    .map(({ group, from, to, severity }) => {
      const width = Math.max(1.5, Number(x(to)) - Number(x(from))).toFixed(1);
      const title = `${groupText(group)} ${severity} ${iso(from)} – ${iso(to)}`.trim().slice(0, TITLE);
      return `<rect class="fires" x="${x(from)}" y="${band}" width="${width}" height="${BAND}"><title>${svgText(title)}</title></rect>`;
    });
  const [from, to] = [iso(range.from).slice(0, 16), iso(range.to).slice(0, 16)];
  return [
    `<svg viewBox="0 0 ${WIDTH} ${band + BAND + 16}" role="img" aria-label="${svgText(headOf(measured))}">`,
    ...linesOf(measured).map(
      (points) =>
        `<polyline class="value" points="${points.map(([part, value]) => `${((part / PARTS) * WIDTH).toFixed(1)},${y(value)}`).join(' ')}"/>`,
    ),
    ...limits,
    `<text x="0" y="10">${numberText(high)}</text>`,
    `<rect class="band" x="0" y="${band}" width="${WIDTH}" height="${BAND}"/>`,
    ...marks,
    `<text x="0" y="${band + BAND + 13}">${from}Z</text><text class="end" x="${WIDTH}" y="${band + BAND + 13}">${to}Z</text>`,
    '</svg>',
  ].join('');
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
