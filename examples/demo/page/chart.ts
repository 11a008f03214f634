import { escapeHtml } from '../../../src/core/html-text.ts';
import type { Instant } from '../../../src/core/time.ts';
import { clockOf } from '../story.ts';
import type { Delivery, Picture, Span, Track } from './picture.ts';

/** How a chart is drawn: on a wide screen labels are next to the tracks, on a narrow one above them. Pixels. */
interface Layout {
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly plot: number;
  readonly evaluation: number;
  readonly labelAbove: boolean;
  readonly everyMinutes: number;
}

/** The two sizes of the chart, by the class that shows them. */
export const LAYOUTS = {
  wide: { width: 1160, left: 150, right: 78, plot: 170, evaluation: 40, labelAbove: false, everyMinutes: 1 },
  narrow: { width: 343, left: 6, right: 6, plot: 150, evaluation: 50, labelAbove: true, everyMinutes: 4 },
} as const satisfies Record<string, Layout>;

/** The chart is so much higher than its highest bar. */
const HEADROOM = 1.15;
const HEAD = 44;
const BAND = 22;
const GAP = 14;
const MINUTE = 60_000;

/** The incident on a time line, as SVG: requests and failures with the rule's thresholds, the alert's state, and who got which message. */
export function chart(picture: Picture, size: keyof typeof LAYOUTS): string {
  const layout: Layout = LAYOUTS[size];
  const { start, end } = picture;
  const inner = layout.width - layout.left - layout.right;
  const x = (at: Instant) => Math.round((layout.left + ((at - start) / (end - start)) * inner) * 10) / 10;
  const most = HEADROOM * Math.max(...picture.measured.map(({ requests }) => requests), 1);
  const y = (count: number) => Math.round((HEAD + layout.plot - (count / most) * layout.plot) * 10) / 10;
  const evaluationsFrom = HEAD + layout.plot + GAP;
  const receivers = [...new Map(picture.deliveries.map((one) => [one.receiver, one])).values()];
  const { tracks } = picture;
  const axis = evaluationsFrom + layout.evaluation * (receivers.length + tracks.length + 1) + 8;
  const draw: Draw = { layout, x, y, evaluationsFrom };
  return `<svg class="chart ${size}" viewBox="0 0 ${layout.width} ${axis + 22}" width="${layout.width}" height="${axis + 22}" role="img" aria-label="${escapeHtml(described(picture))}">
${firingBand(picture, draw, axis)}
${bars(picture, draw)}
${thresholds(picture, draw)}
${deeds(picture, draw, axis)}
${evaluationLabel('Alert', '', 0, draw)}${layout.labelAbove ? legend(picture, draw) : ''}${picture.spans.map((span) => stateBox(span, draw)).join('')}
${tracks.map((track, index) => trackBoxes(track, index + 1, draw)).join('\n')}
${receivers.map((one, index) => receiverEvaluation(one, index + tracks.length + 1, picture, draw)).join('\n')}
${timeAxis(picture, draw, axis)}
</svg>`;
}

interface Draw {
  readonly layout: Layout;
  readonly x: (at: Instant) => number;
  readonly y: (count: number) => number;
  readonly evaluationsFrom: number;
}

function described({ moments, deliveries, thresholds: lines }: Picture): string {
  const time = (at: Instant | undefined) => (at === undefined ? 'never' : clockOf(at));
  const limits = lines.map(({ severity, count }) => `${severity} at ${count}`).join(', ');
  return `Time line. Requests and failed requests per minute, with thresholds: ${limits}. The alert fires at ${time(moments.firing)} and is resolved at ${time(moments.resolved)}. ${deliveries.length} messages, listed below.`;
}

function firingBand({ moments: { firing, resolved }, end }: Picture, { x }: Draw, axis: number): string {
  if (firing === undefined) return '';
  const to = x(resolved ?? end);
  return `<rect class="firing" x="${x(firing)}" y="${HEAD}" width="${to - x(firing)}" height="${axis - HEAD}"/>`;
}

function bars({ measured }: Picture, { x, y, layout }: Draw): string {
  return measured
    .map(({ window, requests, failed }) => {
      const gap = layout.labelAbove ? 1 : 3;
      const left = x(window.from) + gap;
      const width = x(window.to) - x(window.from) - 2 * gap;
      const visible = Math.max(left, layout.left);
      const box = (kind: string, top: number, bottom: number) =>
        `<rect class="${kind}" x="${visible}" y="${top}" width="${left + width - visible}" height="${bottom - top}"/>`;
      return `${box('ok', y(requests), y(failed))}${failed === 0 ? '' : box('fail', y(failed), y(0))}`;
    })
    .join('');
}

function thresholds({ thresholds: lines }: Picture, { layout, y }: Draw): string {
  return lines
    .map(({ severity, count }) => {
      const to = layout.width - layout.right;
      const label = layout.labelAbove
        ? `<text class="small ${severity} halo" x="${to - 4}" y="${y(count) - 4}" text-anchor="end">${escapeHtml(severity)} ≥ ${count}</text>`
        : `<text class="small ${severity}" x="${to + 6}" y="${y(count) + 4}">${escapeHtml(severity)} ≥ ${count}</text>`;
      const line = (kind: string) => `<line class="${kind}" x1="${layout.left}" x2="${to}" y1="${y(count)}" y2="${y(count)}"/>`;
      // Over the bars the dashes would not be seen without what is below them.
      return `${line('under')}${line(`limit ${severity}`)}${label}`;
    })
    .join('');
}

/** What people in the shop did: a line through everything, with its words at the top; in turns above each other, so that none covers another. */
function deeds({ deeds: all }: Picture, { x, layout }: Draw, axis: number): string {
  return all
    .map(({ at, text }, index) => {
      const row = layout.labelAbove ? 14 + index * 17 : 20;
      const late = layout.labelAbove && x(at) > layout.width / 2;
      return `<line class="deed" x1="${x(at)}" x2="${x(at)}" y1="${row + 4}" y2="${axis}"/><text class="deed" x="${late ? x(at) + 4 : x(at) - 4}" y="${row}"${late ? ' text-anchor="end"' : ''}>${late ? `${escapeHtml(text)} ▾` : `▾ ${escapeHtml(text)}`}</text>`;
    })
    .join('');
}

function evaluationTop(index: number, { layout, evaluationsFrom }: Draw): number {
  return evaluationsFrom + index * layout.evaluation + (layout.labelAbove ? 20 : (layout.evaluation - BAND) / 2);
}

function evaluationLabel(name: string, detail: string, index: number, draw: Draw): string {
  const top = evaluationTop(index, draw);
  const { layout } = draw;
  const words = `<tspan class="name">${escapeHtml(name)}</tspan>${detail === '' ? '' : `<tspan class="small" dx="6">${escapeHtml(detail)}</tspan>`}`;
  if (layout.labelAbove) return `<text class="halo" x="${layout.left}" y="${top - 5}">${words}</text>`;
  const second = detail === '' ? '' : `<text class="small" x="0" y="${top + 21}">${escapeHtml(detail)}</text>`;
  return `<text class="name" x="0" y="${top + (detail === '' ? 16 : 7)}">${escapeHtml(name)}</text>${second}`;
}

/** Words that do not fit into the boxes are above them, in their colours. */
function legend({ spans }: Picture, draw: Draw): string {
  const states = [...new Set(spans.map(({ state }) => state))];
  const words = states.map((state, index) => `<tspan class="legend ${state}"${index === 0 ? '' : ' dx="8"'}>${state}</tspan>`);
  return `<text class="small halo" x="${draw.layout.left + 44}" y="${evaluationTop(0, draw) - 5}">${words.join('')}</text>`;
}

function trackBoxes({ name, boxes }: Track, index: number, draw: Draw): string {
  const words = [...new Set(boxes.map(({ word }) => word))].join(', ');
  const label = evaluationLabel(name, draw.layout.labelAbove ? words : '', index, draw);
  return `${label}${boxes.map(({ from, to, word }) => stateBox({ from, to, state: word }, draw, index)).join('')}`;
}

function stateBox({ from, to, state }: Omit<Span, 'state'> & { readonly state: string }, draw: Draw, index = 0): string {
  const { x } = draw;
  const top = evaluationTop(index, draw);
  const width = Math.max(1, x(to) - x(from) - 1);
  // About six pixels a letter: a word that does not fit is left out, the colour and the list below say it too.
  const fits = width > state.length * 6.3 + 2;
  const word = fits
    ? `<text class="state-word ${state}" x="${x(from) + width / 2}" y="${top + 15}" text-anchor="middle">${state}</text>`
    : '';
  return `<rect class="state ${state}" x="${x(from)}" y="${top}" width="${width}" height="${BAND}" rx="4"/>${word}`;
}

function receiverEvaluation(receiver: Delivery, index: number, { deliveries }: Picture, draw: Draw): string {
  const { layout, x } = draw;
  const middle = evaluationTop(index, draw) + BAND / 2;
  const marks = deliveries
    .filter((one) => one.receiver === receiver.receiver)
    .map(
      ({ arrived, number, meaning }) =>
        `<circle class="mark ${meaning}" cx="${x(arrived.at)}" cy="${middle}" r="10"/><text class="mark-number" x="${x(arrived.at)}" y="${middle + 4}" text-anchor="middle">${number}</text>`,
    );
  const label = evaluationLabel(receiver.receiver, receiver.channel === 'slack' ? 'Slack' : 'mail', index, draw);
  return `${label}<line class="track" x1="${layout.left}" x2="${layout.width - layout.right}" y1="${middle}" y2="${middle}"/>${marks.join('')}`;
}

function timeAxis({ start, end }: Picture, { layout, x }: Draw, axis: number): string {
  const ticks: string[] = [];
  for (let at = start; at <= end; at += layout.everyMinutes * MINUTE) {
    // At the edges of a narrow chart a centred label would be cut.
    const anchor = layout.labelAbove
      ? at === start
        ? 'start'
        : at + layout.everyMinutes * MINUTE > end
          ? 'end'
          : 'middle'
      : 'middle';
    ticks.push(`<text class="small" x="${x(at)}" y="${axis + 16}" text-anchor="${anchor}">${clockOf(at)}</text>`);
  }
  return `<line class="axis" x1="${layout.left}" x2="${layout.width - layout.right}" y1="${axis}" y2="${axis}"/>${ticks.join('')}`;
}
