import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { barText } from './bars.ts';
import { sharedSentence } from './comparison-words.ts';
import { markdownCode, markdownTable } from './markdown.ts';
import { stoppedSentence } from './summary.ts';
import type { SweepReport } from './sweep.ts';
import { kneeSentence, marksOf, sweptText, valueText } from './sweep-words.ts';

const BAR_COLUMNS = 20;

/** A sweep as Markdown: a table with a bar for each value. */
export function sweepMarkdown(report: SweepReport): string {
  const { from, to, stopped, points, current } = report;
  const shown = points.includes(current) ? points : [...points, current];
  const most = shown.reduce((highest, { episodes }) => Math.max(highest, episodes), 0);
  const rows = shown.map((point) => [
    markdownCode(valueText(point)),
    String(point.episodes),
    barText(point.episodes, most, BAR_COLUMNS),
    String(point.messages),
    humanDuration(point.alerting),
    String(point.groups),
    marksOf(point, report),
  ]);
  const head = [markdownCode(report.spec.name), 'Episodes', '', 'Messages', 'Time in alert', 'Groups', ''];
  return [
    `### Sweep of ${markdownCode(report.rule)}`,
    `${iso(from)} – ${iso(to)} (${humanDuration(to - from)}): ${markdownCode(sweptText(report))}`,
    stopped === undefined ? '' : `**${stoppedSentence({ to, stopped })}**`,
    markdownTable(head, rows, [0, 1, 3, 4, 5]),
    `${kneeSentence(report)} Nothing was written, nothing was sent. ${sharedSentence(report)}`,
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}
