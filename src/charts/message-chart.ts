import { pageText } from '../core/html-text.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import { inUnit, shortInUnit } from '../core/units.ts';
import type { ChartContent, ChartLine } from './chart-content.ts';
import { drawnText, widthOf, withinWidth, withoutSigns } from './drawable.ts';
import { timeTicks } from './time-ticks.ts';

/** Size of a chart in pixels of a mail, narrow enough that it can be read on a phone; pictures have twice as many. */
export const CHART_SIZE = { width: 480, height: 210 } as const;

const { width: WIDTH, height: HEIGHT } = CHART_SIZE;
const PLOT = { left: 12, right: WIDTH - 104, top: 44, bottom: HEIGHT - 32 } as const;
/** Lines differ in more than their colour: the second and third are dashed. */
const LINES = [
  { color: '#1565c0', dash: '' },
  { color: '#7b1fa2', dash: '6 3' },
  { color: '#00796b', dash: '2 3' },
] as const;
const LIMIT = '#c62828';
const INK = '#1b1f24';
const FAINT = '#5b6570';
/** Between two numbers at the side, so that both can be read. */
const APART = 15;
/** Pixels of a number at the side. */
const SIDE = WIDTH - PLOT.right - 4;
/** Pixels of the name of a group. */
const NAME = 134;
/** The font of charts; other fonts of the machine are used for signs that it does not have. */
export const CHART_FONT = 'Open Sans';

/**
 * A chart as SVG: the lines, the limit dashed, and in red the time in which it fired. It brings its own background, so that it can be read on a light
 * and on a dark page. `missing`: signs that no font has, which are not in it.
 */
export function messageChart(given: ChartContent, missing: ReadonlySet<string> = new Set()): string {
  const content = withoutSigns(given, missing);
  const { range, lines, limit, firing, earlier = [] } = content;
  const scale = scaleOf(content);
  const y = (value: number) => PLOT.bottom - ((value - scale.low) / (scale.high - scale.low)) * (PLOT.bottom - PLOT.top);
  const x = (at: Instant) => PLOT.left + ((clamped(at, range) - range.from) / (range.to - range.from)) * (PLOT.right - PLOT.left);
  const ticks = timeTicks(range, content.reader);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="${CHART_FONT}" font-size="14">`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="6" fill="#ffffff" stroke="#d5dbe1"/>`,
    headOf(content),
    ...[...earlier, ...(firing === undefined ? [] : [firing])].map((fired) => firedMarks(fired, x)),
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}" stroke="#aab4be"/>`,
    ...ticks.map(
      ({ at }) => `<line x1="${px(x(at))}" x2="${px(x(at))}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 4}" stroke="#aab4be"/>`,
    ),
    ...ticks.map(({ at, text }) => label(text, { x: x(at), y: HEIGHT - 11, anchor: anchorOf(x(at)), color: FAINT })),
    ...strokes(limit, { x, y }).map(
      (path) => `<path d="${path}" fill="none" stroke="${LIMIT}" stroke-width="1.5" stroke-dasharray="6 4"/>`,
    ),
    ...lines.toReversed().flatMap((line, index) => lineMarks(line, lines.length - 1 - index, { x, y })),
    ...sideLabels(content, scale, y),
    '</svg>',
  ].join('');
}

/** What a chart shows, for those who cannot see it. */
export function chartText({ label: of, unit, range, lines, limit, reader }: ChartContent): string {
  const values = lines.flatMap(({ points }) => points.flatMap(({ value }) => value ?? []));
  const bound = lastValue(limit);
  const [low, high] = [least(values), most(values)].map((value) => inUnit(value, unit, reader.locale));
  const times = timeTicks(range, reader).map(({ text }) => text);
  const between = times.length < 2 ? '' : `, ${times[0]} to ${times.at(-1)}`;
  const against = bound === undefined ? '' : `, limit ${inUnit(bound, unit, reader.locale)}`;
  return `Chart: ${of}${between}: ${low} to ${high}${against}`;
}

/** Says whether there is anything to draw: a line needs two points. */
export function isWorthDrawing({ lines }: Pick<ChartContent, 'lines'>): boolean {
  return lines.some(({ points }) => points.filter(({ value }) => value !== null).length >= 2);
}

interface Axes {
  readonly x: (at: Instant) => number;
  readonly y: (value: number) => number;
}

function firedMarks({ from, to }: TimeRange, x: Axes['x']): string {
  const [begin, end] = [x(from), Math.max(x(to), x(from) + 3)];
  return [
    `<rect x="${px(begin)}" y="${PLOT.top}" width="${px(end - begin)}" height="${PLOT.bottom - PLOT.top}" fill="${LIMIT}" fill-opacity="0.1"/>`,
    `<rect x="${px(begin)}" y="${PLOT.bottom}" width="${px(end - begin)}" height="3" fill="${LIMIT}"/>`,
  ].join('');
}

function headOf({ label: of, lines, firing, isOver, range }: ChartContent): string {
  const state = isOver || (firing?.to ?? 0) < range.to ? 'fired' : 'fires';
  const names = lines.length < 2 ? [] : lines;
  const legend =
    firing === undefined
      ? []
      : [
          `<rect x="${PLOT.right - 42}" y="16" width="11" height="11" fill="${LIMIT}" fill-opacity="0.25"/>`,
          label(state, { x: PLOT.right - 26, y: 26, anchor: 'start', color: FAINT }),
        ];
  let left: number = PLOT.left;
  const keys = names.map(({ name }, index) => {
    const { color, dash } = styleOf(index);
    const text = withinWidth(drawnText(name), NAME);
    const key = `<line x1="${px(left)}" x2="${px(left + 16)}" y1="21" y2="21" stroke="${color}" stroke-width="2" stroke-dasharray="${dash || 'none'}"/>${label(text, { x: left + 20, y: 26, anchor: 'start', color: INK })}`;
    left += 20 + widthOf(text) + 12;
    return key;
  });
  const title = names.length > 0 ? keys.join('') : label(of, { x: PLOT.left, y: 26, anchor: 'start', color: INK, bold: true });
  return `${title}${left > PLOT.right - 48 ? '' : legend.join('')}`;
}

function lineMarks({ points }: ChartLine, index: number, axes: Axes): readonly string[] {
  const { color, dash } = styleOf(index);
  const last = points.findLast(({ value }) => value !== null);
  const drawn = strokes(points, axes).map(
    (path) =>
      `<path d="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`,
  );
  const dot =
    last?.value === undefined || last.value === null
      ? []
      : [`<circle cx="${px(axes.x(last.at))}" cy="${px(axes.y(last.value))}" r="3" fill="${color}"/>`];
  return [...drawn, ...dot];
}

/** The numbers at the side: the limit, the last value of each line, the bounds of the scale; what would lie over another one is left out. */
function sideLabels({ unit, lines, limit, bad, reader }: ChartContent, scale: Scale, y: Axes['y']): readonly string[] {
  const bound = lastValue(limit);
  const wanted: readonly SideLabel[] = [
    ...(bound === undefined ? [] : [{ value: bound, color: LIMIT, of: bad === 'above' ? 'limit ' : 'minimum ' }]),
    ...lines.flatMap(({ points }, index) => {
      const value = lastValue(points);
      return value === undefined ? [] : [{ value, color: styleOf(index).color }];
    }),
    { value: scale.most, color: FAINT },
    { value: scale.low, color: FAINT },
  ];
  const placed: number[] = [];
  const texts = sideTexts(wanted, unit, reader);
  return wanted.flatMap(({ value, color }, index) => {
    const free = Math.min(PLOT.bottom, y(value));
    const near = placed.find((one) => Math.abs(one - free) < APART);
    // The value and its limit are both said, however close they are.
    const at = near === undefined ? free : near + (free < near || near + APART > PLOT.bottom ? -APART : APART);
    if (near !== undefined && (index > 1 || placed.some((one) => Math.abs(one - at) < APART))) return [];
    placed.push(at);
    return [label(texts[index] ?? '', { x: PLOT.right + 8, y: at + 5, anchor: 'start', color })];
  });
}

/**
 * All numbers in the same form, so that they can be compared at a glance: shortened where one would be cut off at the edge. A limit of 2,000,000,000 must
 * not read as 2,000,000. Its colour says too that it is the limit.
 */
function sideTexts(
  wanted: readonly SideLabel[],
  unit: ChartContent['unit'],
  { locale }: ChartContent['reader'],
): readonly string[] {
  const full = wanted.map(({ value }) => inUnit(rounded(value), unit, locale));
  const short = wanted.map(({ value }) => shortInUnit(rounded(value), unit, locale));
  const named = (texts: readonly string[]) => texts.map((text, index) => `${wanted[index]?.of ?? ''}${text}`);
  const fitting = [named(full), named(short), full, short].find((texts) => texts.every((text) => widthOf(text) <= SIDE));
  return fitting ?? short.map((text) => withinWidth(text, SIDE));
}

interface SideLabel {
  readonly value: number;
  readonly color: string;
  readonly of?: string;
}

interface Scale {
  readonly low: number;
  readonly high: number;
  /** The highest number that is drawn. */
  readonly most: number;
}

/** Zero is in it unless that would flatten what is seen: values far from it that hardly change. */
function scaleOf({ lines, limit }: Pick<ChartContent, 'lines' | 'limit'>): Scale {
  const all = [...lines.flatMap(({ points }) => points), ...limit].flatMap(({ value }) => value ?? []);
  const [least_, most_] = [least(all), most(all)];
  const spread = most_ - least_;
  const low = least_ >= 0 && (least_ < 3 * spread || spread === 0) ? 0 : least_ - spread * 0.1;
  const top = most_ + (most_ - low) * 0.08;
  return { low, high: top > low ? top : low + 1, most: most_ };
}

function strokes(points: ChartLine['points'], { x, y }: Axes): readonly string[] {
  const parts: string[][] = [];
  let open = false;
  for (const { at, value } of points) {
    if (value === null) {
      open = false;
      continue;
    }
    const point = `${px(x(at))} ${px(y(value))}`;
    if (open) parts.at(-1)?.push(point);
    else parts.push([point]);
    open = true;
  }
  // A point alone is seen as a dot.
  return parts.map((part) => `M${part.length === 1 ? [part[0], part[0]].join('L') : part.join('L')}`);
}

interface Label {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly color: string;
  readonly bold?: true;
}

function label(text: string, { x, y, anchor, color, bold }: Label): string {
  const weight = bold === true ? ' font-weight="700"' : '';
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}" fill="${color}"${weight}>${pageText(drawnText(text))}</text>`;
}

function anchorOf(x: number): Label['anchor'] {
  if (x < PLOT.left + 16) return 'start';
  return x > WIDTH - 24 ? 'end' : 'middle';
}

function styleOf(index: number): (typeof LINES)[number] {
  return LINES[index % LINES.length] ?? LINES[0];
}

function lastValue(points: ChartLine['points']): number | undefined {
  return points.findLast(({ value }) => value !== null)?.value ?? undefined;
}

function clamped(at: Instant, { from, to }: TimeRange): Instant {
  return Math.max(from, Math.min(to, at));
}

function least(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => Math.min(a, b));
}

function most(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => Math.max(a, b));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
