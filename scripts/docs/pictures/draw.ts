import type { Instant } from '../../../src/core/time.ts';
import type { Band, Bar, PictureStory, Sent, TrackStory } from './story.ts';
import { shape, svg, words } from './svg.ts';

const WIDTH = 860;
const LEFT = 96;
const RIGHT = 20;
const MINUTE = 60_000;
const BARS = 76;
const BAND = 16;
const ROW = 15;

type Place = (at: Instant) => number;

/** Draws what an example did: documents, values, statuses and messages over one axis of time. */
export function drawStory(story: PictureStory): string {
  const { from, to } = story.range;
  const x: Place = (at) => LEFT + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const parts: string[] = [words(16, 24, story.title, { class: 'strong fill-text' })];
  let y = 40;
  const put = (drawn: Drawn) => {
    parts.push(...drawn.parts);
    y += drawn.height;
  };
  const top = y;
  if (story.failures.length > 0) put({ parts: [], height: ROW + 4 });
  put(drawDocuments(story, x, y));
  for (const track of story.tracks) put(drawTrack(track, story.tracks.length > 1, x, y));
  put(drawMessages(story.sent, x, y));
  const bottom = y;
  put(drawAxis(story, x, y));
  put(drawLegend(story, y));
  const failures = story.failures.flatMap(({ from: begin, to: end, what }) => [
    shape('rect', { x: x(begin), y: top, width: x(end) - x(begin), height: bottom - top, class: 'fill-problem', opacity: 0.22 }),
    words((x(begin) + x(end)) / 2, top + 12, what, { 'text-anchor': 'middle', class: 'small fill-faint' }),
  ]);
  return svg(WIDTH, y + 4, `${story.title}: a timeline`, [...grid(story, x, top, bottom), ...failures, ...parts]);
}

interface Drawn {
  readonly parts: readonly string[];
  readonly height: number;
}

function label(y: number, text: string): string {
  return words(LEFT - 10, y, text, { 'text-anchor': 'end', class: 'fill-faint' });
}

/** Documents as dots at their time; a late one with a line to the moment at which it could be found. */
function drawDocuments({ documents }: PictureStory, x: Place, y: number): Drawn {
  const late = documents.filter(({ arrivedAt }) => arrivedAt !== undefined);
  const height = late.length > 0 ? 30 : 18;
  const dots = documents.map(({ at, arrivedAt }) =>
    shape('circle', { cx: x(at), cy: y + 8, r: 2.2, class: arrivedAt === undefined ? 'fill-faint' : 'fill-firing' }),
  );
  const [first] = late;
  const arrow =
    first?.arrivedAt === undefined
      ? []
      : [
          shape('path', {
            d: `M${x(first.at)} ${y + 13} V${y + 20} H${x(first.arrivedAt) - 5}`,
            class: 'line-firing',
            fill: 'none',
            'stroke-dasharray': '3 2',
          }),
          shape('path', {
            d: `M${x(first.arrivedAt) - 6} ${y + 16} l6 4 l-6 4 z`,
            class: 'fill-firing',
          }),
          words(x(first.arrivedAt) + 5, y + 24, 'they can be found from here on', { class: 'small fill-faint' }),
        ];
  return { parts: [label(y + 12, 'documents'), ...dots, ...arrow], height };
}

function drawTrack(track: TrackStory, named: boolean, x: Place, y: number): Drawn {
  const most = Math.max(1, ...track.bars.map(({ value = 0 }) => value), ...track.conditions.map(thresholdOf));
  const scale = (BARS - 14) / most;
  const base = y + BARS;
  const bars = track.bars.flatMap((bar) => drawBar(bar, x, base, scale));
  const lines = track.conditions.flatMap((condition) => {
    const level = base - thresholdOf(condition) * scale;
    return [
      shape('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: level, y2: level, class: 'line-faint', 'stroke-dasharray': '4 3' }),
      words(WIDTH - RIGHT - 2, level - 3, condition, { 'text-anchor': 'end', class: 'small fill-faint' }),
    ];
  });
  const gaps = track.gaps.flatMap(({ from, to }) => [
    shape('rect', { x: x(from), y: base - 34, width: x(to) - x(from), height: 34, fill: 'url(#hatch)', opacity: 0.7 }),
    words((x(from) + x(to)) / 2, base - 40, 'a gap: never evaluated', { 'text-anchor': 'middle', class: 'small fill-text' }),
  ]);
  const rows: readonly (readonly [string, readonly Band[]])[] = [
    ['status', track.status],
    ...(track.revisit.length > 0 ? ([['second look', track.revisit]] as const) : []),
  ];
  const bands = rows.flatMap(([name, list], index) => [
    label(base + 20 + index * (BAND + 6), name),
    ...list.flatMap((band) => drawBand(band, x, base + 8 + index * (BAND + 6))),
  ]);
  return {
    parts: [label(y + BARS / 2 + 4, named ? track.name : 'value'), ...bars, ...lines, ...gaps, ...bands],
    height: BARS + 12 + rows.length * (BAND + 6),
  };
}

/** The number that a condition compares with; 0 where it has none. */
function thresholdOf(condition: string): number {
  return Number(/[<>]=?\s*(\d+(?:\.\d+)?)/.exec(condition)?.[1] ?? 0);
}

function drawBar({ window, value, finding, late }: Bar, x: Place, base: number, scale: number): readonly string[] {
  const [left, right] = [x(window.from), x(window.to)];
  if (right <= left) return [];
  const height = Math.max(3, (value ?? 0) * scale);
  const box = { x: left + 1.5, y: base - height, width: right - left - 3, height, rx: 1.5 };
  const tone = late
    ? { 'fill-opacity': 0.35, class: `fill-${finding} line-${finding}`, 'stroke-width': 1.2 }
    : { class: `fill-${finding}` };
  const figure =
    value === undefined || value === 0
      ? []
      : [words((left + right) / 2, base - height - 4, String(value), { 'text-anchor': 'middle', class: 'small fill-text' })];
  return [shape('rect', { ...box, ...tone }), ...figure];
}

function drawBand({ from, to, status, severity }: Band, x: Place, y: number): readonly string[] {
  const width = x(to) - x(from);
  const tone = status === 'firing' && severity === 'critical' ? 'critical' : status;
  const text = status === 'firing' && severity !== 'warning' ? severity : status;
  const room = width > text.length * 5.5 + 4;
  return [
    shape('rect', { x: x(from), y, width, height: BAND, rx: 3, class: `fill-${tone}` }),
    ...(room
      ? [
          words(x(from) + width / 2, y + 12, text, {
            'text-anchor': 'middle',
            class: `small ${status === 'firing' ? 'fill-ground' : 'fill-text'}`,
          }),
        ]
      : []),
  ];
}

/** Messages as flags at the time they were sent; each flag is in the first row that has room for its words. */
function drawMessages(sent: readonly Sent[], x: Place, y: number): Drawn {
  const ends: number[] = [];
  const flags = sent.flatMap(({ at, words: text, good }) => {
    const width = text.length * 6.3 + 14;
    const flip = x(at) + width > WIDTH - RIGHT;
    const begin = flip ? x(at) - width : x(at);
    const free = ends.findIndex((end) => end <= begin);
    const row = free < 0 ? ends.length : free;
    ends[row] = begin + width + 4;
    const middle = y + 12 + row * ROW;
    return [
      shape('circle', { cx: x(at), cy: middle - 4, r: 4, class: good ? 'fill-clear' : 'fill-firing' }),
      words(flip ? x(at) - 8 : x(at) + 8, middle, text, { ...(flip && { 'text-anchor': 'end' }) }),
    ];
  });
  return { parts: [label(y + 12, 'notified'), ...flags], height: Math.max(1, ends.length) * ROW + 8 };
}

function stepOf({ range }: PictureStory): number {
  return (range.to - range.from) / MINUTE > 30 ? 5 * MINUTE : 2 * MINUTE;
}

function minutes(story: PictureStory, step: number): readonly Instant[] {
  const { from, to } = story.range;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function grid(story: PictureStory, x: Place, top: number, bottom: number): readonly string[] {
  return minutes(story, MINUTE).map((at) => shape('line', { x1: x(at), x2: x(at), y1: top, y2: bottom, class: 'line-grid' }));
}

function drawAxis(story: PictureStory, x: Place, y: number): Drawn {
  const labels = minutes(story, stepOf(story)).map((at) =>
    words(x(at), y + 14, `${(at - story.range.from) / MINUTE}m`, { 'text-anchor': 'middle', class: 'small fill-faint' }),
  );
  const line = shape('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, class: 'line-frame' });
  return { parts: [line, ...labels], height: 22 };
}

/** Only what the picture holds. */
function drawLegend(story: PictureStory, y: number): Drawn {
  const bars = story.tracks.flatMap((track) => track.bars);
  const findings = ['breach', 'between', 'clear', 'absent', 'unknown'].filter((kind) =>
    bars.some(({ finding }) => finding === kind),
  );
  const entries = [
    ...findings.map((kind) => ({ text: kind, tone: { class: `fill-${kind}` } as Readonly<Record<string, string | number>> })),
    ...(bars.some(({ late }) => late)
      ? [{ text: 'evaluated late', tone: { class: 'fill-clear line-clear', 'fill-opacity': 0.35 } }]
      : []),
  ];
  let left = LEFT;
  const parts = entries.flatMap(({ text, tone }) => {
    const box = shape('rect', { x: left, y: y + 5, width: 10, height: 10, rx: 1.5, ...tone });
    const drawn = [box, words(left + 15, y + 14, text, { class: 'small fill-faint' })];
    left += text.length * 6.2 + 36;
    return drawn;
  });
  return { parts, height: 24 };
}
