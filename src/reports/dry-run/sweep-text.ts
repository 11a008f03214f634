import type { SweepPoint } from '../../backtest/sweep-curve.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { type Look, paletteOf } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { type Cell, type Column, table } from '../table.ts';
import { barText } from './bars.ts';
import { sharedSentence } from './comparison-words.ts';
import { stoppedSentence } from './summary.ts';
import type { SweepReport } from './sweep.ts';
import { kneeSentence, marksOf, sweptText, valueText } from './sweep-words.ts';

const BAR_COLUMNS = 30;

/** A sweep for people: a line for each value with a bar of its episodes, the rule as it is and the knee marked. */
export function sweepText(report: SweepReport, look: Look): string {
  const palette = paletteOf(look);
  const { from, to, stopped, points, current } = report;
  const shown = points.includes(current) ? points : [...points, current];
  const most = shown.reduce((highest, { episodes }) => Math.max(highest, episodes), 0);
  const columns: readonly Column[] = [
    { title: report.spec.name, align: 'right' },
    { title: 'EPISODES', align: 'right' },
    { title: '', least: 8 },
    { title: 'MESSAGES', align: 'right' },
    { title: 'TIME IN ALERT', align: 'right' },
    { title: 'GROUPS', align: 'right' },
    { title: '' },
  ];
  const rowOf = (point: SweepPoint): readonly Cell[] => {
    const marks = marksOf(point, report);
    const paint = point === report.knee ? palette.good : point.current ? palette.careful : palette.calm;
    return [
      valueText(point),
      String(point.episodes),
      { text: barText(point.episodes, most, BAR_COLUMNS), paint },
      String(point.messages),
      humanDuration(point.alerting),
      String(point.groups),
      { text: marks === '' ? '' : `← ${marks}`, paint },
    ];
  };
  const failed = shown.filter((point) => point.failed > 0).length;
  return [
    `${palette.strong('Sweep')} of ${plainLine(report.rule)} ${iso(from)} – ${iso(to)} (${humanDuration(to - from)}): ${plainLine(sweptText(report))}\n`,
    stopped === undefined ? '' : `${palette.bad(stoppedSentence({ to, stopped }))}\n`,
    table(columns, shown.map(rowOf), look),
    failed === 0 ? '' : `${palette.bad(`Some windows could not be evaluated: ${current.failed} of the rule as it is.`)}\n`,
    `${palette.strong(plainLine(kneeSentence(report)))} Nothing was written, nothing was sent. ${sharedSentence(report)}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}
