import type { ChartContent } from '../charts/chart-content.ts';
import { CHART_FONT, chartText, isWorthDrawing, messageChart } from '../charts/message-chart.ts';
import { pageText } from '../core/html-text.ts';
import { own } from '../core/record.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { Series } from '../evaluation/rule-series.ts';
import type { Rule } from '../rules/rule.ts';

/** Most episodes that a chart shows. */
const EPISODES = 200;

/** The chart of a page for those who have no scripts, as SVG: a series of a rule with its first limit and its episodes. Undefined where there is nothing to draw. */
export function pageChart(
  { value, times, values, thresholds }: Series,
  rule: Pick<Rule, 'measures'>,
  episodes: readonly { readonly start: Instant; readonly end: Instant | undefined }[],
  range: TimeRange,
): string | undefined {
  const measure = own(rule.measures ?? {}, value);
  const [limit] = thresholds?.limits ?? [];
  const fired = episodes.slice(0, EPISODES).map(({ start, end }) => ({ from: Math.max(start, range.from), to: end ?? range.to }));
  const [last, ...earlier] = fired.filter(({ from, to }) => to >= range.from && from <= range.to);
  const content: ChartContent = {
    label: measure?.label ?? value,
    unit: measure?.unit,
    range,
    lines: [{ name: '', points: times.map((at, place) => ({ at, value: values[place] ?? null })) }],
    limit: limit === undefined ? [] : times.map((at) => ({ at, value: limit.number })),
    bad: thresholds?.bad ?? 'above',
    firing: last,
    earlier,
    isOver: last !== undefined && last.to < range.to,
    reader: {},
  };
  if (!isWorthDrawing(content)) return undefined;
  const title = `<title>${pageText(chartText(content))}</title>`;
  // The font of mails is not available; a page has its own.
  return messageChart(content).replace(
    `font-family="${CHART_FONT}" font-size="14">`,
    `font-family="system-ui, sans-serif" font-size="14">${title}`,
  );
}
