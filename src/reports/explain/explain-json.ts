import { type Instant, iso, type TimeRange } from '../../core/time.ts';
import type { RecordedRun } from '../../engine/history/run-history.ts';
import type {
  ExplainedGroup,
  ExplainedLife,
  ExplainedNotification,
  ExplainedTraces,
  Explanation,
} from '../../explain/explanation.ts';
import { printJson } from '../json.ts';
import { PLAIN_COLUMNS } from '../look.ts';
import { curlOf } from './curl.ts';
import type { ExplainReport } from './explain-report.ts';

/** All that an explanation holds, for scripts; times are ISO 8601, what is not known is null. */
export function explainJson({ explanation, place }: ExplainReport): string {
  const { now, rule, at, window, recorded, asked, discover, groups, more, missing, cautions } = explanation;
  const sent = questionsJson(explanation);
  return printJson({
    now: iso(now),
    rule: {
      id: rule.id,
      name: rule.name,
      type: rule.type,
      index: rule.indices,
      query: rule.query,
      group_by: rule.groupBy,
      evaluated_through: timeOrNull(rule.evaluatedThrough),
      failing_since: timeOrNull(rule.failingSince),
    },
    at: iso(at),
    window: range(window),
    questions: sent.map((question) => ({ sent: question, curl: curlOf(question, place, PLAIN_COLUMNS) ?? null })),
    discover: discover ?? null,
    recorded: recorded === undefined ? null : recordedJson(recorded),
    asked_again: {
      at: iso(now),
      ...(asked.kind === 'failed'
        ? { problem: asked.problem }
        : {
            matched: asked.matched,
            ungrouped: asked.ungrouped,
            groups: asked.groups,
            events: asked.events ?? 0,
            truncated: asked.truncated,
            findings: asked.findings,
          }),
      cost: asked.cost,
    },
    groups: groups.map(groupJson),
    more,
    missing: missing ?? null,
    cautions,
  });
}

/** The questions of the run if it was recorded, else those that were asked again. */
export function questionsJson({
  recorded,
  asked,
}: Pick<Explanation, 'recorded' | 'asked'>): readonly RecordedRun['sent'][number][] {
  return recorded !== undefined && recorded.sent.length > 0 ? recorded.sent : asked.sent;
}

function recordedJson({ at: _at, window: _window, sent: _sent, problem, changes, ...run }: RecordedRun): unknown {
  return { ...run, problem: problem ?? null, changes: changes.length };
}

function groupJson({ life, notification, reading, traces, discover, ...group }: ExplainedGroup): unknown {
  return {
    ...group,
    reading: reading ?? null,
    life: lifeJson(life),
    notification: notificationJson(notification),
    traces: traces === undefined ? null : tracesJson(traces),
    discover: discover ?? null,
  };
}

function tracesJson({ traceIds, logs, links, problem }: ExplainedTraces): unknown {
  return {
    ids: traceIds,
    logs: logs.map(({ at, traceId, ...line }) => ({ at: iso(at), ...line, trace_id: traceId })),
    links,
    ...(problem !== undefined && { problem }),
  };
}

function lifeJson({ happened, status, present, flapping, changes }: ExplainedLife): unknown {
  return {
    happened,
    status: status ?? null,
    now:
      present === undefined
        ? null
        : {
            status: present.status,
            level: present.level ?? null,
            since: iso(present.since),
            started: timeOrNull(present.started),
            episode: present.episode ?? null,
            waits: present.waits ?? null,
          },
    flapping: flapping === undefined ? null : { since: iso(flapping.since), episodes: flapping.episodes },
    changes: changes.map((change) => ({ ...change, at: iso(change.at) })),
  };
}

function notificationJson({ paths, byRule, levels, receivers, messages, messagesProblem }: ExplainedNotification): unknown {
  return {
    by_rule: byRule,
    paths,
    levels: levels.map(({ severity, routes, destinations }) => ({ severity, routes, destinations })),
    receivers: receivers.map(({ groupLabels, ...receiver }) => ({ ...receiver, group_labels: groupLabels })),
    messages: messages.map(({ parts: _parts, ...message }) => ({ ...message, at: iso(message.at) })),
    ...(messagesProblem !== undefined && { messages_problem: messagesProblem }),
  };
}

function range({ from, to }: TimeRange): unknown {
  return { from: iso(from), to: iso(to) };
}

function timeOrNull(time: Instant | undefined): string | null {
  return time === undefined ? null : iso(time);
}
