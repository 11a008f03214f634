import type { SweepPoint } from '../../backtest/sweep-curve.ts';
import { iso } from '../../core/time.ts';
import { printJson } from '../json.ts';
import { costJson, stoppedJson } from './comparison-json.ts';
import type { SweepReport } from './sweep.ts';

/** A sweep for scripts: times are ISO 8601 in UTC, lengths are ms. */
export function sweepJson(report: SweepReport): string {
  const { spec, points, current, knee } = report;
  return printJson({
    from: iso(report.from),
    to: iso(report.to),
    ...stoppedJson(report),
    sweep: {
      rule: report.rule,
      name: spec.name,
      unit: spec.unit === 'duration' ? 'ms' : 'number',
      conditions: spec.conditions.map(({ of, text }) => ({ of: of ?? 'condition', text })),
      points: points.map(pointJson),
      current: pointJson(current),
      knee: knee === undefined ? null : pointJson(knee),
    },
    ...costJson(report),
  });
}

/** `value` is null for the rule as it is, where the sweep does not have its value. */
function pointJson({ value, current, episodes, messages, alerting, groups, failed }: SweepPoint) {
  return {
    value: value?.number ?? null,
    text: value?.text ?? null,
    current,
    episodes,
    messages,
    alert_ms: alerting,
    groups,
    failed,
  };
}
