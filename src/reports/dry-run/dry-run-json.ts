import type {
  FlappingTime,
  LevelChange,
  ReportedNotification,
  RuleStory,
  StatusChange,
  WindowProblem,
} from '../../backtest/rule-story.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { printJson } from '../json.ts';
import type { DryRunReport } from './dry-run-report.ts';

/** A dry run in the JSON that scripts rely on: times are ISO 8601 in UTC; `levels`, `late`, `problems` and `flapping` are present only if they can occur. */
export function dryRunJson(report: DryRunReport): string {
  return printJson({
    from: iso(report.from),
    to: iso(report.to),
    ...(report.stopped !== undefined && {
      stopped: { budget: humanDuration(report.stopped.budget), to: iso(report.stopped.to) },
    }),
    rules: report.rules.map(ruleJson),
    health: report.health.map(changeJson),
    ...(report.asked !== undefined && { searches: { count: report.asked.searches, took_ms: report.asked.took } }),
  });
}

function ruleJson({ name, windows, failed, gaps, problems, transitions, late, levels, flapping, notifications }: RuleStory) {
  return {
    name,
    windows,
    failed,
    gaps: gaps.map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
    ...(problems.length > 0 && { problems: problems.map(problemJson) }),
    transitions: transitions.map(changeJson),
    ...(late.length > 0 && { late: late.map(changeJson) }),
    ...(levels !== undefined && { levels: levels.map(levelJson) }),
    ...(flapping.length > 0 && { flapping: flapping.map(flappingJson) }),
    notifications: notifications.map(notificationJson),
  };
}

function changeJson({ at, group, from, to, reason, severity, values }: StatusChange) {
  return { at: iso(at), group, from, to, reason, severity, values };
}

function levelJson({ at, group, from, to, reason, values }: LevelChange) {
  return { at: iso(at), group, from: from ?? null, to, reason, values };
}

function flappingJson({ group, from, to, firesOn, episodes }: FlappingTime) {
  return { group, from: iso(from), to: to === undefined ? null : iso(to), episodes, fires_on: firesOn };
}

function notificationJson({ at, receiver, channel, reason, alerts, title }: ReportedNotification) {
  return { at: iso(at), receiver, channel, reason, alerts, title };
}

function problemJson({ code, message, hint, times, first }: WindowProblem) {
  return { code, message, hint, times, first: iso(first) };
}
