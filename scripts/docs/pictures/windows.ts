import { type Instant, iso } from '../../../src/core/time.ts';
import { windowOf } from '../../../src/evaluation/due-windows.ts';
import { shape, svg, words } from './svg.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-01-01T10:00:00.000Z');
const RULE = { every: MINUTE, window: 3 * MINUTE, delay: MINUTE };
const TICKS = [5, 6, 7].map((minute) => START + minute * MINUTE);
const WIDTH = 860;
const LEFT = 110;
const RIGHT = 30;
const END = START + 8 * MINUTE;
const ROW = 40;

const x = (at: Instant) => LEFT + ((at - START) / (END - START)) * (WIDTH - LEFT - RIGHT);

/** Draws which windows three ticks of one rule evaluate, as the engine works them out. */
export function drawWindows(): string {
  const rows = TICKS.flatMap((at, index) => {
    const { from, to } = windowOf(RULE, at);
    const y = 46 + index * ROW;
    return [
      words(LEFT - 10, y + 17, `tick ${clock(at)}`, { 'text-anchor': 'end', class: 'fill-faint' }),
      shape('rect', { x: x(from), y, width: x(to) - x(from), height: 24, rx: 3, class: 'fill-clear' }),
      words((x(from) + x(to)) / 2, y + 16, `window [${clock(from)}, ${clock(to)})`, { 'text-anchor': 'middle' }),
      shape('rect', { x: x(to), y, width: x(at) - x(to), height: 24, fill: 'url(#hatch)', opacity: 0.6 }),
      words((x(to) + x(at)) / 2, y + 16, 'delay', { 'text-anchor': 'middle' }),
      shape('line', { x1: x(at), x2: x(at), y1: y - 5, y2: y + 29, class: 'line-firing', 'stroke-width': 2 }),
    ];
  });
  const bottom = 46 + TICKS.length * ROW;
  const minutes = Array.from({ length: 9 }, (_, minute) => START + minute * MINUTE);
  const axis = minutes.flatMap((at) => [
    shape('line', { x1: x(at), x2: x(at), y1: 38, y2: bottom, class: 'line-grid' }),
    words(x(at), bottom + 16, clock(at), { 'text-anchor': 'middle', class: 'small fill-faint' }),
  ]);
  const title = 'every: 1m, window: 3m, delay: 1m';
  return svg(WIDTH, bottom + 28, `The windows of three ticks: ${title}`, [
    words(16, 24, title, { class: 'strong fill-text' }),
    ...axis,
    ...rows,
  ]);
}

function clock(at: Instant): string {
  return iso(at).slice(11, 16);
}
