import type { SweepPoint } from '../../backtest/sweep-curve.ts';
import { humanDuration } from '../../core/duration.ts';
import { pageText } from '../../core/html-text.ts';
import { iso } from '../../core/time.ts';
import { counted } from '../wording.ts';
import { sharedSentence } from './comparison-words.ts';
import { dryRunPage, pageLine, pageTable } from './dry-run-html.ts';
import { numberText } from './story-chart.ts';
import { stoppedSentence } from './summary.ts';
import type { SweepReport } from './sweep.ts';
import { kneeSentence, marksOf, sweptText, valueText } from './sweep-words.ts';

const WIDTH = 720;
const PLOT = 200;
const TOP = 34;
const SIDE = 8;
const STYLE = `
:root{--messages:#9a6700}@media(prefers-color-scheme:dark){:root{--messages:#d29922}}
body{overflow-wrap:anywhere}.wide{overflow-x:auto}.wide table{display:table;width:100%}.wide:focus-visible{outline:2px solid var(--a);outline-offset:2px}td,th{overflow-wrap:normal}
.messages{fill:none;stroke:var(--messages);stroke-width:1.5;stroke-dasharray:2 2}.point{fill:var(--a)}.mark{stroke:var(--faint);stroke-dasharray:4 3}.knee{stroke:var(--bad)}.axis{stroke:var(--line)}
tr:has(.is-knee) td{font-weight:600}`;

/** A sweep as one page that needs nothing else: the curve of episodes and messages by value, the knee named, and a row for each value. */
export function sweepHtml(report: SweepReport): string {
  const { from, to, stopped, points, current, knee, rule, spec } = report;
  const shown = points.includes(current) ? points : [...points, current];
  const rows = shown.map((point) => [
    valueText(point),
    String(point.episodes),
    String(point.messages),
    humanDuration(point.alerting),
    String(point.groups),
    point === knee ? { html: `<span class="is-knee">${pageLine(marksOf(point, report))}</span>` } : marksOf(point, report),
  ]);
  const failed = shown.filter((point) => point.failed > 0).length;
  const body = [
    '<main>',
    `<h1>Sweep of ${pageLine(rule)}</h1>`,
    `<p class="faint">${iso(from)} – ${iso(to)} (${humanDuration(to - from)}): ${pageLine(sweptText(report))}</p>`,
    ...(stopped === undefined ? [] : [`<p><strong>${pageLine(stoppedSentence({ to, stopped }))}</strong></p>`]),
    `<p><strong>${pageLine(kneeSentence(report))}</strong></p>`,
    curveSvg(report),
    '<p class="faint">Line: episodes. Dotted line: messages.</p>',
    pageTable('Values', [spec.name, 'Episodes', 'Messages', 'Time in alert', 'Groups', ''], rows),
    ...(failed === 0 ? [] : [`<p>With ${counted(failed, 'value')} some windows could not be evaluated.</p>`]),
    `<p>${pageLine(`Nothing was written, nothing was sent. ${sharedSentence(report)}`)}</p>`,
    '</main>',
  ];
  return dryRunPage('Sweep', body, { style: STYLE });
}

/** Episodes and messages by value, with lines at the value of the rule as it is and at the knee. */
function curveSvg(report: SweepReport): string {
  const placed = report.points.flatMap((point) => (point.value === undefined ? [] : [{ point, at: point.value.number }]));
  const first = placed[0]?.at ?? 0;
  const last = placed.at(-1)?.at ?? first;
  const most = placed.reduce((high, { point }) => Math.max(high, point.episodes, point.messages), 1);
  const x = (at: number) => (SIDE + ((at - first) / (last - first || 1)) * (WIDTH - 2 * SIDE)).toFixed(1);
  const y = (count: number) => (TOP + PLOT * (1 - count / most)).toFixed(1);
  const line = (kind: string, of: (point: SweepPoint) => number) =>
    `<polyline class="${kind}" points="${placed.map(({ point, at }) => `${x(at)},${y(of(point))}`).join(' ')}"/>`;
  const marks = placed
    .filter(({ point }) => point === report.knee || point.current)
    .map(({ point, at }) => {
      const anchor = Number(x(at)) > WIDTH / 2 ? ' class="end"' : '';
      const words = `${report.spec.name}=${valueText(point)} (${marksOf(point, report)})`;
      // The two may be neighbours: each has a row for its words.
      const row = point === report.knee ? 26 : 12;
      return `<line class="mark${point === report.knee ? ' knee' : ''}" x1="${x(at)}" x2="${x(at)}" y1="${row + 2}" y2="${TOP + PLOT}"/><text${anchor} x="${x(at)}" y="${row}">${pageText(words)}</text>`;
    });
  const dots = placed.map(({ point, at }) => {
    const title = `${report.spec.name}=${valueText(point)}: ${counted(point.episodes, 'episode')}, ${counted(point.messages, 'message')}`;
    return `<circle class="point" cx="${x(at)}" cy="${y(point.episodes)}" r="2.5"><title>${pageText(title)}</title></circle>`;
  });
  const bottom = TOP + PLOT;
  const ends = [placed[0], ...(placed.length > 1 ? [placed.at(-1)] : [])].flatMap((one) =>
    one === undefined ? [] : [one.point],
  );
  const labels = ends.map(
    (point, place) =>
      `<text${place === 0 ? '' : ' class="end"'} x="${place === 0 ? 0 : WIDTH}" y="${bottom + 14}">${pageText(`${report.spec.name}=${valueText(point)}`)}</text>`,
  );
  return [
    `<svg viewBox="0 0 ${WIDTH} ${bottom + 20}" role="img" aria-label="${pageText(`Episodes and messages by ${report.spec.name}. ${kneeSentence(report)}`)}">`,
    `<line class="axis" x1="0" x2="${WIDTH}" y1="${bottom}" y2="${bottom}"/>`,
    line('messages', ({ messages }) => messages),
    line('value', ({ episodes }) => episodes),
    ...marks,
    ...dots,
    `<text x="0" y="${TOP + 4}">${numberText(most)}</text>`,
    ...labels,
    '</svg>',
  ].join('');
}
