import { formatDuration } from '../../../core/duration.ts';
import { type Instant, iso } from '../../../core/time.ts';
import { alertJson } from '../../../engine/alert-list/alert-json.ts';
import type { ReportedAlert } from '../../../engine/alert-list/alert-list.ts';
import type { RecordedEpisode, RecordedMessage, RecordedRun } from '../../../engine/history/run-history.ts';
import type { Series } from '../../../evaluation/rule-series.ts';
import { formatMatcher } from '../../../routing/parse-matcher.ts';
import { isFiring } from '../../red.ts';
import type { RuleCost, RuleFileFacts } from '../../web/ports.ts';
import { ruleHealth, type ShownRule } from '../../web/rule-pages.ts';
import type { ServedSilence } from '../alertmanager.ts';
import type { ApiAnswer } from './shapes.ts';

/** A rule as the API gives it. */
export function ruleAnswer(shown: ShownRule): ApiAnswer<'rules'>['items'][number] {
  const { rule, document, cost, alerts } = shown;
  const { id, name, type, enabled, description, position, source, query, groupBy, schedule, window, levels, labels, receivers } =
    rule;
  const health = document?.health;
  return {
    ...{ id, name, type, enabled, description: description ?? null, file: position.file, line: position.line },
    ...{ index: [...source.indices], query: { ...query }, group_by: [...groupBy], window_seconds: window / 1_000 },
    schedule: schedule.kind === 'every' ? `every ${formatDuration(schedule.every)}` : `${schedule.pattern} ${schedule.timezone}`,
    conditions: levels.map(({ severity, condition }) => ({ severity, condition: condition.text })),
    labels: { ...labels },
    receivers: receivers === undefined ? null : [...receivers],
    health: ruleHealth(shown),
    failures: health?.failures ?? 0,
    failing_since: timeAnswer(health?.failing_since),
    problem: health?.problem === undefined ? null : { ...health.problem },
    evaluated_through: timeAnswer(document?.evaluated_through),
    cost: cost === undefined ? null : costAnswer(cost),
    alerts: { firing: alerts.filter(isFiring).length, pending: alerts.filter(({ status }) => status === 'pending').length },
  };
}

/** What is known of a rule's file as the API gives it. */
export function ruleFileAnswer({ tests, change }: RuleFileFacts): Pick<ApiAnswer<'rule'>, 'tests' | 'last_change'> {
  const nothing = { author: null, at: null, subject: null, url: null, differs: false };
  const last_change =
    change.kind === 'unknown'
      ? null
      : change.kind === 'revision'
        ? { ...nothing, revision: change.text }
        : {
            ...{ revision: change.hash, author: change.author, at: iso(change.at), subject: change.subject },
            ...{ url: change.url ?? null, differs: change.differs },
          };
  return {
    tests: typeof tests === 'string' ? null : { ...tests, names: [...tests.names], problem: tests.problem ?? null },
    last_change,
  };
}

function costAnswer({ evaluations, failed, took, longest, last, at, matched, groups }: RuleCost) {
  const average_ms = took / Math.max(1, evaluations);
  return { evaluations, failed, average_ms, longest_ms: longest, last_ms: last, last_at: iso(at), matched, groups };
}

/** An alert as the API gives it. */
export function alertAnswer(alert: ReportedAlert): ApiAnswer<'alert'> {
  const json = alertJson(alert);
  return {
    ...json,
    group: { ...json.group },
    labels: { ...json.labels },
    values: { ...json.values },
    notified: json.notified.map(({ receiver, destination, state, at, note }) => ({
      ...{ receiver, destination, state, at },
      ...(note !== undefined && { note }),
    })),
  };
}

/** An episode as the API gives it. */
export function episodeAnswer({ rule, alert, group, labels, severity, start, end }: RecordedEpisode) {
  return { rule, alert, group: { ...group }, labels: { ...labels }, severity, start: iso(start), end: timeAnswer(end) };
}

/** An evaluation as the API gives it. */
export function evaluationAnswer({
  at,
  window,
  outcome,
  problem,
  matched,
  groups,
  truncated,
  findings,
  changes,
  cost,
}: RecordedRun) {
  return {
    ...{ at: iso(at), window: { from: iso(window.from), to: iso(window.to) }, outcome, problem: problem ?? null },
    ...{ matched, groups, truncated, findings: { ...findings }, took_ms: cost.took },
    changes: changes.map(({ alert, group, kind, from, to, reason, severity, values }) => ({
      ...{ alert, group: { ...group }, kind, from, to, reason: reason ?? '', severity, values: { ...values } },
    })),
  };
}

/** A message as the API gives it. */
export function messageAnswer({ id, at, rules, about: _about, parts: _parts, problem, ...message }: RecordedMessage) {
  return { ...message, id: id ?? null, at: iso(at), rules: [...rules], problem: problem ?? null };
}

/** A silence as the API gives it. */
export function silenceAnswer({ silence, state }: ServedSilence): ApiAnswer<'silence'> {
  const { id, matchers, starts_at, ends_at, created_by, comment, link, origin } = silence;
  return {
    ...{ id, state, matchers: matchers.map(formatMatcher), starts_at: iso(starts_at), ends_at: iso(ends_at) },
    ...{ created_by, comment, link: link ?? null, origin: origin ?? null },
  };
}

/** A series as the API gives it: times in seconds, as charts take them. */
export function seriesAnswer(rule: string, { group, value, times, values, thresholds }: Series): ApiAnswer<'series'> {
  return {
    ...{ rule, group: { ...group }, value, times: times.map((at) => at / 1_000), values: [...values] },
    thresholds: (thresholds?.limits ?? []).map(({ sign, number }) => ({ op: sign, number })),
  };
}

function timeAnswer(at: Instant | undefined): string | null {
  return at === undefined ? null : iso(at);
}
