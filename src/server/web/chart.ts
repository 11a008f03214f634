import { usualInterval } from '../../core/schedule.ts';
import { DAY, HOUR, type Instant, iso } from '../../core/time.ts';
import { SERIES_POINTS } from '../../evaluation/rule-series.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Group } from '../../search/query.ts';
import { html, type PageMarkup } from './html.ts';
import { pathWith } from './layout.ts';

/** What a chart is of. */
export interface Charted {
  readonly rule: Rule;
  readonly group: Group;
  /** Only with the episodes of this alert. */
  readonly alert?: string;
  /** Since when it fires: the chart begins before. */
  readonly since?: Instant | undefined;
}

/** The place of a chart, which the pages' program draws: as far back as a series shows each tick, and at most a week. */
export function chartOf({ rule, group, alert, since }: Charted, now: Instant): PageMarkup {
  const length = Math.min(7 * DAY, Math.max(2 * HOUR, SERIES_POINTS * usualInterval(rule.schedule, now)));
  const from = Math.max(now - 7 * DAY, Math.min(now - length, (since ?? now) - HOUR));
  const of = alert === undefined ? undefined : html` data-alert="${alert}"`;
  const picture = pathWith(`/rules/${encodeURIComponent(rule.id)}/chart.svg`, { group: JSON.stringify(group), from: iso(from) });
  return html`<div class="chart" data-chart data-rule="${rule.id}"${of} data-group="${JSON.stringify(group)}" data-from="${iso(from)}"><noscript><img src="${picture}" width="720" height="315" alt="Chart of the rule and its episodes; empty where nothing was measured"></noscript></div>`;
}
