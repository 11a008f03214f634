import { iso } from '../../core/time.ts';
import { episodesOf } from '../dry-run/episodes.ts';
import { printJson } from '../json.ts';
import { compareEpisodes, timeInAlert } from './compare-episodes.ts';
import type { PlayedVersion, PrReport, ReportedRule } from './pr-report.ts';

/** The report of a change for scripts; keys are only added. Times are ISO 8601 in UTC, lengths in ms. */
export function prJson(report: PrReport): string {
  const { range, tests } = report;
  return printJson({
    against: report.against,
    range: range === undefined ? null : { from: iso(range.from), to: iso(range.to) },
    rules: report.rules.map((rule) => ruleJson(rule, report)),
    problems: report.problems.map(({ severity, code, message, hint, path, at }) => ({ severity, code, message, hint, path, ...at })),
    known_problems: report.knownProblems,
    tests: { passed: tests.passed, failed: tests.failed, broken: tests.broken },
    notes: report.notes,
  });
}

function ruleJson(rule: ReportedRule, { range }: PrReport) {
  const { before, after } = { before: rule.before?.played, after: rule.after?.played };
  const to = range?.to ?? 0;
  const episodes = (played: PlayedVersion | undefined) => (played === undefined ? [] : episodesOf(played.story, to));
  return {
    name: rule.name,
    change: rule.kind,
    ...(rule.renamedFrom !== undefined && { renamed_from: rule.renamedFrom }),
    ...(rule.file !== undefined && { file: rule.file }),
    keys: rule.keys.map(({ path, before: old, after: young }) => ({ path, before: old ?? null, after: young ?? null })),
    before: before === undefined ? null : playedJson(before, report(before)),
    after: after === undefined ? null : playedJson(after, report(after)),
    ...(before !== undefined && after !== undefined && { episodes: compareEpisodes(episodes(before), episodes(after)) }),
    tests: rule.tests ?? null,
    ...(rule.notPlayed === true && { not_played: 'budget' }),
  };
  function report(played: PlayedVersion) {
    return { episodes: episodes(played), from: range?.from ?? 0, to };
  }
}

function playedJson(
  { story, asked }: PlayedVersion,
  { episodes, from, to }: { readonly episodes: ReturnType<typeof episodesOf>; readonly from: number; readonly to: number },
) {
  return {
    windows: story.windows,
    failed: story.failed,
    episodes: episodes.length,
    messages: story.notifications.length,
    in_alert_ms: timeInAlert(episodes, from, to),
    ...(asked !== undefined && { searches: asked.searches, took_ms: asked.took }),
  };
}
