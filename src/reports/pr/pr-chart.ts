import { pageText } from '../../core/html-text.ts';
import { own } from '../../core/record.ts';
import { iso, type TimeRange } from '../../core/time.ts';
import { truncate } from '../../core/truncate.ts';
import type { ReadingSeries } from '../../replay/readings.ts';
import { type Episode, episodesOf } from '../dry-run/episodes.ts';
import { numberText } from '../dry-run/story-chart.ts';
import { counted } from '../wording.ts';
import { limitLines, limitsText, type ShownLimit, shownLimits } from './pr-limits.ts';
import type { PlayedVersion } from './pr-report.ts';

const WIDTH = 720;
/** Where time begins: left of it are the names of the versions. */
const LEFT = 84;
/** Between two numbers at the side, so that both can be read. */
const APART = 14;
const ROW = 14;
const PLOT = 120;
const COLUMNS = 360;
const SERIES_SHOWN = 4;
const MARKS_SHOWN = 2_000;
const LONGEST_NAME = 80;
/** Kinds of lines and marks by how new a version is. */
const CLASSES: Readonly<Record<ChartedVersion['name'], 'old' | 'young'>> = {
  before: 'old',
  after: 'young',
  'as it is': 'old',
  edited: 'young',
};

/**
 * Style of these charts; a page defines the colours of its text. Colours mean groups and nothing else; versions differ in their kind of line, and
 * in whether a mark is filled, so that they can be distinguished without colours too.
 */
export const CHART_STYLE = `
:root{--g0:#2f5fd0;--g1:#b45309;--g2:#156b3a;--g3:#8438b8}
@media (prefers-color-scheme:dark){:root{--g0:#8db0ff;--g1:#f5b45c;--g2:#6fd69a;--g3:#d9a4ff}}
svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;fill:var(--faint);paint-order:stroke;stroke:var(--bg);stroke-width:3px}
polyline{fill:none;stroke-width:1.5}.s0{stroke:var(--g0)}.s1{stroke:var(--g1)}.s2{stroke:var(--g2)}.s3{stroke:var(--g3)}
.key{white-space:nowrap;margin-right:.9em}.key::before{content:"";display:inline-block;width:1.4em;margin-right:.35em;vertical-align:middle;border-top:3px solid}
.k0::before{border-color:var(--g0)}.k1::before{border-color:var(--g1)}.k2::before{border-color:var(--g2)}.k3::before{border-color:var(--g3)}
rect.row{fill:var(--soft)}rect.old{fill:var(--bg);stroke:var(--fg);stroke-width:1}rect.young{fill:var(--fg)}
line.limit{stroke:var(--fg);stroke-width:1.25}line.limit.old{stroke-dasharray:1.5 3.5}line.limit.young,line.limit.both{stroke-dasharray:7 4}
@media (max-width:40rem){svg text{font-size:20px}}
`;

/** A version of a rule in a chart. */
export interface ChartedVersion {
  readonly name: 'before' | 'after' | 'as it is' | 'edited';
  readonly played: Pick<PlayedVersion, 'story' | 'readings' | 'thresholds'>;
}

/**
 * What was measured, as lines over time, and below it a row of episodes for each version, as SVG within a page; the last one's readings are shown, and as
 * dashed lines the numbers that the conditions of the versions compare them with.
 */
export function prChart(versions: readonly ChartedVersion[], range: TimeRange): string {
  const rows = versions.map(({ name, played }) => ({ name, episodes: episodesOf(played.story, range.to) }));
  const series = (versions.at(-1)?.played.readings ?? []).slice(0, SERIES_SHOWN);
  const value = shownValue(series, versions);
  const limits = shownLimits(
    value,
    versions.map(({ name, played }) => ({ name, kind: CLASSES[name], thresholds: played.thresholds })),
  );
  const plot = value === undefined ? 0 : PLOT;
  const height = plot + rows.length * (ROW + 8) + 24;
  const said = rows.map(({ name, episodes }) => `${name} ${counted(episodes.length, 'episode')}`).join(', ');
  const drawn = rows
    .map(({ name, episodes }, index) => episodeRow(name, episodes, plot + 10 + index * (ROW + 8), range))
    .join('');
  const lines = value === undefined ? '' : plotOf(series, { value, limits, range });
  const [from, to] = [iso(range.from).slice(0, 16), iso(range.to).slice(0, 16)];
  const times = `<text x="${LEFT}" y="${height - 4}">${from}Z</text><text x="${WIDTH}" y="${height - 4}" text-anchor="end">${to}Z</text>`;
  const legend =
    value === undefined
      ? ''
      : `<p class="faint">${pageText(value)}${limitsText(limits)} of ${series.map(({ group }, index) => keyOf(group, index)).join(' ')}</p>`;
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${pageText(said)}">${lines}${drawn}${times}</svg>${legend}`;
}

/** A group beside the colour of its line. */
function keyOf(group: string, index: number): string {
  return `<span class="key k${index}">${pageText(group === '' ? 'all documents' : truncate(group, LONGEST_NAME))}</span>`;
}

/** The value that the newest version's conditions compare with a number, else an older one's, where readings have it. */
function shownValue(series: readonly ReadingSeries[], versions: readonly ChartedVersion[]): string | undefined {
  const compared = versions.toReversed().flatMap(({ played }) => played.thresholds?.value ?? []);
  const measured = (name: string) =>
    series.some(({ points }) => points.some(({ values }) => typeof own(values, name) === 'number'));
  return compared.find(measured) ?? mostMeasured(series);
}

/** The value that most readings have a number of. */
function mostMeasured(series: readonly ReadingSeries[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { points } of series)
    for (const { values } of points)
      for (const [name, value] of Object.entries(values)) if (value !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

/** What is plotted of readings, and the numbers that it is compared with. */
interface Plotted {
  readonly value: string;
  readonly limits: readonly ShownLimit[];
  readonly range: TimeRange;
}

function plotOf(series: readonly ReadingSeries[], { value, limits, range }: Plotted): string {
  const columns = series.map(({ points }) => columnsOf(points, value, range));
  const all = [...limits.map(({ number }) => number), ...columns.flatMap((one) => one.map(([, reading]) => reading))];
  const [low, high] = [all.reduce((a, b) => Math.min(a, b), 0), all.reduce((a, b) => Math.max(a, b), Number.MIN_VALUE)];
  const y = (reading: number) => (PLOT - 4 - ((reading - low) / (high - low || 1)) * (PLOT - 18)).toFixed(1);
  const paths = columns.map((one, index) => {
    const points = one
      .map(([column, reading]) => `${(LEFT + (column / COLUMNS) * (WIDTH - LEFT)).toFixed(1)},${y(reading)}`)
      .join(' ');
    return `<polyline class="s${index}" points="${points}"/>`;
  });
  const isFree = limits.every(({ number }) => Math.abs(Number(y(number)) - Number(y(high))) >= APART);
  const top = !isFree ? '' : `<text x="${LEFT - 6}" y="18" text-anchor="end">${numberText(high)}</text>`;
  return `${paths.join('')}${limitLines(limits, { from: LEFT, to: WIDTH }, y)}${top}`;
}

/** The highest reading of each column: what is drawn in one pixel must not hide a peak. */
function columnsOf(
  points: ReadingSeries['points'],
  value: string,
  { from, to }: TimeRange,
): readonly (readonly [number, number])[] {
  const highest = new Map<number, number>();
  for (const { at, values } of points) {
    const reading = own(values, value);
    if (typeof reading !== 'number' || !Number.isFinite(reading)) continue;
    const column = Math.floor(((at - from) / (to - from)) * COLUMNS);
    highest.set(column, Math.max(highest.get(column) ?? Number.NEGATIVE_INFINITY, reading));
  }
  return [...highest].sort(([a], [b]) => a - b);
}

function episodeRow(name: ChartedVersion['name'], episodes: readonly Episode[], top: number, { from, to }: TimeRange): string {
  const x = (at: number) => (LEFT + Math.max(0, Math.min(1, (at - from) / (to - from))) * (WIDTH - LEFT)).toFixed(1);
  const marks = episodes.slice(0, MARKS_SHOWN).map(({ group, from: begin, to: end }) => {
    const width = Math.max(1.5, Number(x(end)) - Number(x(begin)));
    const title = `${group === '' ? '' : `${truncate(group, LONGEST_NAME)}: `}${iso(begin).slice(0, 19)}Z – ${iso(end).slice(0, 19)}Z`;
    return `<rect class="${CLASSES[name]}" x="${x(begin)}" y="${top}" width="${width.toFixed(1)}" height="${ROW}"><title>${pageText(title)}</title></rect>`;
  });
  return `<rect class="row" x="${LEFT}" y="${top}" width="${WIDTH - LEFT}" height="${ROW}"/>${marks.join('')}<text x="${LEFT - 6}" y="${top + ROW - 3}" text-anchor="end">${name}</text>`;
}
