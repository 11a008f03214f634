import { describeTransition } from '../alerts/describe.ts';
import { canonicalJson, isObject } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import type { UnsentMessage } from '../engine/recording.ts';
import { HEALTH_RULE, HEALTH_RULE_ID } from '../engine/self-monitoring/health-rule.ts';
import type { Session } from '../engine/session.ts';
import type { TurnLog } from '../engine/turn-log.ts';
import { labelsOf, severityOf } from '../evaluation/labels.ts';
import type { Change } from '../evaluation/outbox/outbox-entry.ts';
import type { LivingAlert } from '../evaluation/rule-states.ts';
import type { Run } from '../evaluation/run.ts';
import { knownDocument } from '../evaluation/session.ts';
import { headline } from '../messages/title.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import type { FailedWindow, Observation, Played, SeenAlert, SeenNotification, SeenTransition } from './observation.ts';
import type { EvaluatedGroup, TimelineEvent } from './timeline.ts';

/** Watches a test being played. */
export interface Observer {
  /** Takes a message that would have been sent. */
  readonly collect: (recorded: UnsentMessage) => void;
  /** Takes the log of a turn, with what was found of each group. */
  see(log: TurnLog): void;
  /** The state at a check's time, and what happened since the check before. */
  observe(at: Instant): Observation;
  /** Everything seen, in the end. */
  result(): Omit<Played, 'observations'>;
}

/** Starts watching an engine over `rules` with this session. */
export function observer(rules: ReadonlyMap<string, Rule>, session: Session): Observer {
  const latest = new Map<string, readonly EvaluatedGroup[]>();
  const timeline: TimelineEvent[] = [];
  const failed: FailedWindow[] = [];
  const complaints: { at: Instant; subject: string; problem: string }[] = [];
  let transitions: SeenTransition[] = [];
  let notifications: SeenNotification[] = [];
  let sent: SeenNotification[] = [];
  let healthSeen = 0;
  let turns = 0;

  const seeRun = (run: Run, now: Instant) => {
    const rule = rules.get(run.rule);
    if (rule === undefined) return;
    const groups = run.findings ?? [];
    if (run.outcome === 'evaluated') latest.set(rule.id, groups);
    const problem = run.problem && `${run.problem.code}: ${run.problem.message} (${run.problem.hint})`;
    const window = {
      kind: 'window',
      at: now,
      rule: rule.name,
      tick: run.at,
      window: run.window,
      matched: run.matched,
      groups,
      ...(run.purpose === 'catch-up' && { caughtUp: true as const }),
    } as const;
    if (run.gap !== undefined) timeline.push({ kind: 'gap', at: now, rule: rule.name, ...run.gap });
    timeline.push(problem === undefined ? window : { ...window, problem });
    if (problem !== undefined && run.problem !== undefined)
      failed.push({ rule: rule.name, at: run.at, now, problem, search: run.problem });
    for (const change of run.changes) seeChange(rule, change, now, false);
    for (const change of run.late ?? []) seeChange(rule, change, now, true);
  };
  const seeChange = (rule: Rule, { group, transition, severity, values, quiet }: Change, now: Instant, late: boolean) => {
    const { from, to, at } = transition;
    // What a second look finds begins for another reason than what is found in time.
    const reason = late && transition.kind === 'firing' ? 'late_documents' : transition.reason;
    transitions.push({ rule: rule.id, ruleName: rule.name, group, severity, values, at, from, to, reason });
    const why = `${describeTransition(transition, rule.lifecycle)}${quiet ? ' (not notified: flapping)' : ''}`;
    const seen = { kind: 'transition', rule: rule.name, group, from, to, reason, severity, tick: at, values, why } as const;
    timeline.push({ ...seen, at: now, ...(late && { late: true as const }) });
  };
  const seeHealth = ({ now, health }: TurnLog) => {
    for (const entry of health.flatMap(({ outbox }) => outbox)) {
      if (entry.n <= healthSeen) continue;
      healthSeen = entry.n;
      if (entry.kind === 'firing')
        complaints.push({ at: now, subject: subjectOf(entry.group), problem: String(entry.values['problem'] ?? '') });
    }
  };
  const alertsOf = (rule: Rule): readonly SeenAlert[] => {
    const { alerts: stored = {}, past = {} } = knownDocument(session, rule.id) ?? {};
    const living = Object.values(stored);
    const quiet = Object.values(past).flatMap(({ notified }) => (notified === undefined ? [] : [notified.group]));
    const flapping = new Set(quiet.map(canonicalJson));
    const seen = (alert: Standing, values: SeenAlert['values']) =>
      seenAlert(rule, alert, values, flapping.has(canonicalJson(alert.group)));
    const known = new Set(living.map((alert) => canonicalJson(alert.group)));
    const evaluated = latest.get(rule.id) ?? [];
    const valuesOf = new Map(evaluated.map(({ group, values }) => [canonicalJson(group), values]));
    const alerts = living.map((alert) => seen(alert, valuesOf.get(canonicalJson(alert.group)) ?? {}));
    const others = new Map([...quiet, ...evaluated.map(({ group }) => group)].map((group) => [canonicalJson(group), group]));
    return [
      ...alerts,
      ...[...others].flatMap(([key, group]) =>
        known.has(key) ? [] : seen({ group, status: 'inactive' }, valuesOf.get(key) ?? {}),
      ),
    ];
  };
  const healthAlerts = (): readonly SeenAlert[] =>
    Object.values(knownDocument(session, HEALTH_RULE_ID)?.alerts ?? {}).map((alert) => {
      const problem = complaints.findLast(({ subject }) => subject === subjectOf(alert.group))?.problem;
      return seenAlert(HEALTH_RULE, alert, problem === undefined ? {} : { problem });
    });
  return {
    collect: (recorded) => sent.push({ ...recorded, rendered: textsOf(recorded.payload).join('\n') }),
    see: (log) => {
      turns += 1;
      for (const run of log.runs) seeRun(run, log.now);
      seeHealth(log);
      for (const { at, message, channel } of sent) {
        timeline.push({
          kind: 'notification',
          at,
          receiver: message.receiver,
          channel,
          reason: message.reason,
          title: headline(message.title),
          ...(message.alerts.some((alert) => alert.late) && { late: true as const }),
        });
      }
      notifications.push(...sent);
      sent = [];
    },
    observe: (at) => {
      const observation = {
        at,
        alerts: [...rules.values()].flatMap(alertsOf),
        health: healthAlerts(),
        transitions,
        notifications,
      };
      transitions = [];
      notifications = [];
      return observation;
    },
    result: () => ({ timeline, failed, complaints, turns }),
  };
}

type Standing = Pick<LivingAlert, 'group' | 'status'> & Partial<LivingAlert>;

function seenAlert(rule: Rule, alert: Standing, values: SeenAlert['values'], flapping = false): SeenAlert {
  const severity = severityOf(rule, alert.level);
  const labels = alert.labels ?? labelsOf(rule, alert.group, severity);
  return {
    rule: rule.id,
    ruleName: rule.name,
    group: alert.group,
    status: alert.status,
    severity,
    since: alert.since,
    flapping,
    labels,
    values,
  };
}

function subjectOf(group: Group): string {
  return `${group['kind'] ?? ''} ${group['subject'] ?? ''}`;
}

/** Every text of a payload, in order: what a person would read of it. */
function textsOf(payload: unknown): readonly string[] {
  if (typeof payload === 'string') return [payload];
  if (Array.isArray(payload)) return payload.flatMap(textsOf);
  return isObject(payload) ? Object.values(payload).flatMap(textsOf) : [];
}
