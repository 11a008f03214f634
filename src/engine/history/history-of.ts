import { hashId, type RuleId } from '../../core/ids.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { interval } from '../../core/schedule.ts';
import { HOUR, iso } from '../../core/time.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import type { Run } from '../../evaluation/run.ts';
import { bareTitle, headline, titleTags } from '../../messages/title.ts';
import type { Notified } from '../../notify/delivery-ports.ts';
import type { HistoryRecord } from '../../notify/history.ts';
import type { Rule } from '../../rules/rule.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import type { TurnContext } from '../turn-context.ts';
import type { TurnLog } from '../turn-log.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { keptPayload } from './kept-payload.ts';
import { PAYLOAD_FIELD } from './read-records.ts';

const CHANGES_A_RUN = 100;

/** What happened in a turn, or a part of it. */
type Happened = Partial<Pick<TurnLog, 'runs' | 'notified' | 'saved'>>;

/** What people and dashboards may read of a turn: episodes, notifications, and the runs that were more than "all clear". */
export function historyOf(
  { runs = [], notified = [], saved = [] }: Happened,
  { ports, log }: Pick<TurnContext, 'ports' | 'log'>,
): readonly HistoryRecord[] {
  /** The boundary around one record: a record that cannot be made is left out, and does not affect alerts. */
  const each = <T>(all: readonly T[], rule: (one: T) => RuleId | undefined, make: (one: T) => readonly HistoryRecord[]) =>
    all.flatMap((one) => {
      try {
        return make(one);
      } catch (thrown) {
        const id = rule(one);
        log.errors.note(
          id === undefined ? 'engine' : 'rule',
          id ?? 'recording a notification',
          'recording what happened',
          thrown,
        );
        return [];
      }
    });
  return [
    ...each(
      saved,
      ({ rule }) => rule,
      (document) => episodesOf(document, ports),
    ),
    ...each(
      notified,
      () => undefined,
      (one) => [notificationOf(one, ports)],
    ),
    ...each(
      runs,
      ({ rule }) => rule,
      (run) => (isNoteworthy(run, ports) ? [runOf(run, ports)] : []),
    ),
  ];
}

function isNoteworthy(run: Run, { rules }: Pick<TurnPorts, 'rules'>): boolean {
  const rule = rules.get(run.rule);
  return (
    run.outcome === 'failed' ||
    run.changes.length > 0 ||
    run.late !== undefined ||
    run.flapping !== undefined ||
    // What was sent is looked at every few seconds, and measures nothing: that it still fires is nothing to record.
    (rule?.received !== true && run.counts.breach + run.counts.between + run.counts.unknown > 0) ||
    isFirstOfHour(run, rule)
  );
}

/** Whichever minute of the hour that is: a rule may have no tick on the hour. */
function isFirstOfHour({ at }: Run, rule: Rule | undefined): boolean {
  return rule !== undefined && at % HOUR < interval(rule.schedule, at);
}

function episodesOf(
  document: RuleDocument,
  { rules, namespace }: Pick<TurnPorts, 'rules' | 'namespace'>,
): readonly HistoryRecord[] {
  const rule = rules.get(document.rule);
  return document.outbox.map((entry) => ({
    index: 'alerts',
    id: entry.episode,
    at: entry.at,
    body: {
      '@timestamp': iso(entry.at),
      'event.kind': 'alert',
      'event.action': entry.kind,
      'event.start': iso(entry.started),
      ...(entry.kind === 'resolved' && { 'event.end': iso(entry.flapping?.changed ?? entry.at) }),
      'rule.id': document.rule,
      'rule.name': rule?.name ?? document.rule,
      tocsin: {
        namespace,
        alert: entry.alert,
        episode: entry.episode,
        status: entry.kind === 'resolved' ? 'inactive' : 'firing',
        severity: entry.level,
        reason: entry.reason,
        ...(entry.flapping !== undefined && { episodes: entry.flapping.episodes }),
        group: entry.group,
        labels: entry.labels,
        values: entry.values,
      },
    },
  }));
}

function notificationOf(one: Notified, { rules, namespace }: Pick<TurnPorts, 'rules' | 'namespace'>): HistoryRecord {
  const kept = one.payload && keptPayload(one.payload);
  return {
    index: 'notifications',
    id: one.id,
    at: one.at,
    body: {
      '@timestamp': iso(one.at),
      'event.kind': 'event',
      'event.outcome': one.outcome === 'delivered' || one.outcome === 'partial' ? 'success' : 'failure',
      'event.id': one.id,
      message: headline(one.title),
      // ECS: text as it was, stored and not indexed.
      ...(kept !== undefined && { [PAYLOAD_FIELD]: kept.text }),
      // A message may be about several rules; a field of several values is charted by each of them.
      'rule.id': one.rules.slice(0, CHANGES_A_RUN),
      'rule.name': one.rules.slice(0, CHANGES_A_RUN).map((id) => rules.get(id)?.name ?? id),
      labels: { ...one.labels, severity: one.severity },
      tocsin: {
        namespace,
        severity: one.severity,
        receiver: one.receiver,
        destination: one.destination,
        channel: one.channel,
        outcome: one.outcome,
        reason: one.reason,
        alerts: one.alerts,
        attempt: one.attempt,
        about: one.about.slice(0, CHANGES_A_RUN),
        // By its parts, so that nothing has to read them out of the text again.
        title: { text: bareTitle(one.title), status: titleTags(one.title) },
        ...(kept?.cut === true && { cut: true }),
        ...(one.problem !== undefined && { problem: { ...one.problem } }),
      },
    },
  };
}

function runOf(run: Run, { rules, namespace }: Pick<TurnPorts, 'rules' | 'namespace'>): HistoryRecord {
  const late = new Set(run.late);
  const changes = [...run.changes, ...late].slice(0, CHANGES_A_RUN).map((change): JsonObject => {
    const { alert, group, transition, severity, values, quiet } = change;
    return {
      ...(late.has(change) && { late: true }),
      alert,
      group,
      kind: transition.kind,
      from: transition.from,
      to: transition.to,
      reason: transition.reason,
      severity,
      ...(transition.previousLevel !== undefined && { previous_level: transition.previousLevel }),
      values,
      ...(quiet && { quiet }),
    };
  });
  const flapping = (run.flapping ?? [])
    .slice(0, CHANGES_A_RUN)
    .map(({ alert, group, kind, since, episodes }): JsonObject => ({ alert, group, kind, since: iso(since), episodes }));
  return {
    index: 'runs',
    id: hashId('run', run.rule, run.at),
    at: run.at,
    body: {
      '@timestamp': iso(run.at),
      'event.kind': 'event',
      'event.outcome': run.outcome === 'evaluated' ? 'success' : 'failure',
      'rule.id': run.rule,
      'rule.name': rules.get(run.rule)?.name ?? run.rule,
      tocsin: {
        namespace,
        window: { from: iso(run.window.from), to: iso(run.window.to) },
        purpose: run.purpose,
        matched: run.matched,
        ungrouped: run.ungrouped,
        groups: run.groups,
        truncated: run.truncated,
        findings: { ...run.counts },
        unknown: run.unknown.map(({ group, because }) => ({ group, because })),
        changes,
        ...(flapping.length > 0 && { flapping }),
        problem: problemBody(run.problem),
        evidence_problem: problemBody(run.evidenceProblem),
        cost: { ...run.cost },
        sent: run.sent,
      },
    },
  };
}

function problemBody(problem: SearchProblem | undefined): Json {
  return problem === undefined ? null : { code: problem.code, message: problem.message, hint: problem.hint };
}
