import { timeInAlert } from '../../backtest/alert-episodes.ts';
import { iso, type TimeRange } from '../../core/time.ts';
import { episodesOf } from '../dry-run/episodes.ts';
import { printJson } from '../json.ts';
import { episodeCounts } from './episode-counts.ts';
import type { PlayedVersion, PrReport, ReportedRule } from './pr-report.ts';

/** The report of a change for scripts; keys are only added. Times are ISO 8601 in UTC, lengths in ms. */
export function prJson(report: PrReport): string {
  const { range, tests } = report;
  return printJson({
    against: report.against,
    range: range === undefined ? null : { from: iso(range.from), to: iso(range.to) },
    rules: report.rules.map((rule) => ruleJson(rule, report)),
    problems: report.problems.map(({ severity, code, message, hint, path, at }) => ({
      severity,
      code,
      message,
      hint,
      path,
      ...at,
    })),
    known_problems: report.knownProblems,
    tests: { passed: tests.passed, failed: tests.failed, broken: tests.broken },
    notes: report.notes,
  });
}

function ruleJson(rule: ReportedRule, { range }: PrReport) {
  const [before, after] = [rule.before?.played, rule.after?.played];
  const side = (played: PlayedVersion | undefined) =>
    played === undefined || range === undefined ? null : playedJson(played, range);
  return {
    name: rule.name,
    change: rule.kind,
    ...(rule.renamedFrom !== undefined && { renamed_from: rule.renamedFrom }),
    ...(rule.file !== undefined && { file: rule.file }),
    keys: rule.keys.map(({ path, before: old, after: young }) => ({ path, before: old ?? null, after: young ?? null })),
    before: side(before),
    after: side(after),
    ...(before !== undefined &&
      after !== undefined &&
      range !== undefined && { episodes: episodeCounts(before.story, after.story, range) }),
    tests: rule.tests ?? null,
    ...(rule.notPlayed === true && { not_played: 'budget' }),
  };
}

function playedJson({ story, asked }: PlayedVersion, range: TimeRange) {
  const episodes = episodesOf(story, range.to);
  return {
    windows: story.windows,
    failed: story.failed,
    episodes: episodes.length,
    messages: story.notifications.length,
    in_alert_ms: timeInAlert(episodes, range),
    ...(asked !== undefined && { searches: asked.searches, took_ms: asked.took }),
  };
}
