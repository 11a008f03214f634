import type { JsonObject } from '../../core/json.ts';
import { iso } from '../../core/time.ts';
import type { Evidence, Message, MessageAlert, MessageFlapping } from '../../messages/message.ts';
import { firstLine } from '../../messages/sentence.ts';
import { headline } from '../../messages/title.ts';
import { isUncertain, whySent } from '../../messages/wording.ts';
import { fitted } from '../fitted.ts';

const MAX_BYTES = 256 * 1024;

/**
 * The JSON that webhooks get, version 1: keys are snake_case, times ISO 8601 in UTC, and later versions 1 only add keys. `id` is the same
 * in every repeat of a message, `incident` from the first firing to the end. At most 256 KiB: evidence goes first, from the last alert on.
 */
export function webhookBody(message: Message): JsonObject {
  return fitted(message, bodyOf, (body) => Buffer.byteLength(JSON.stringify(body)) <= MAX_BYTES);
}

function bodyOf(message: Message): JsonObject {
  return {
    version: 1,
    id: message.id,
    alert_group: message.alertGroup,
    incident: message.incident,
    dedup_key: message.dedupKey,
    receiver: message.receiver,
    status: message.status,
    severity: message.severity,
    reason: message.reason,
    headline: headline(message.title),
    first_line: firstLine(message),
    title: headline(message.title),
    text: message.text ?? null,
    why: whySent(message),
    at: iso(message.at),
    escalated: (message.escalated ?? []).map(({ from, ago, before, alerts }) => ({
      from,
      seconds_ago: ago / 1_000,
      before,
      alerts,
    })),
    firing: message.firing,
    resolved: message.resolved,
    more: message.more,
    summary: (message.summary ?? []).map(({ field, values, others }) => ({
      field,
      values: values.map(({ value, count }) => ({ value, count })),
      others,
    })),
    group_labels: message.groupLabels,
    alerts: message.alerts.map(alertBody),
    links: message.links.map(({ label, url }) => ({ label, url })),
    notes: message.notes,
  };
}

function alertBody(alert: MessageAlert): JsonObject {
  return {
    id: alert.id,
    episode: alert.episode,
    rule: alert.rule,
    // Programs can close it as resolved; `ending` says that recovery is not known.
    status: isUncertain(alert.status) ? 'resolved' : alert.status,
    change: alert.change,
    severity: alert.severity,
    title: alert.title,
    text: alert.text ?? null,
    description: alert.description ?? null,
    group: alert.group,
    labels: alert.labels,
    values: alert.values,
    measured: alert.measured === undefined ? null : { value: alert.measured.value, limit: alert.measured.limit ?? null },
    facts: alert.facts.map(({ label, value }) => ({ label, value })),
    details: (alert.details ?? []).map(({ label, value }) => ({ label, value })),
    evidence: alert.evidence === undefined ? null : evidenceBody(alert.evidence),
    links: alert.links.map(({ label, url }) => ({ label, url })),
    started_at: iso(alert.startedAt),
    ended_at: alert.endedAt === undefined ? null : iso(alert.endedAt),
    ending: alert.ending ?? null,
    window: { from: iso(alert.window.from), to: iso(alert.window.to) },
    acknowledged: alert.acknowledged === undefined ? null : acknowledgedBody(alert.acknowledged),
    moved_to: alert.movedTo ?? null,
    late: alert.late,
    earlier_episodes: alert.earlierEpisodes ?? 0,
    flapping: alert.flapping === undefined ? null : flappingBody(alert.flapping),
  };
}

function acknowledgedBody({ by, at, comment, worse }: NonNullable<MessageAlert['acknowledged']>): JsonObject {
  return { by, at: iso(at), comment, until_worse: worse === true };
}

function flappingBody({ since, episodes, steady }: MessageFlapping): JsonObject {
  return { since: iso(since), episodes, steady_seconds: steady / 1_000 };
}

function evidenceBody(evidence: Evidence): JsonObject {
  return {
    documents: evidence.documents.map(({ at, fields }) => ({ at: iso(at), fields })),
    top: evidence.top.map(({ field, values }) => ({ field, values: values.map(({ value, count }) => ({ value, count })) })),
    trace_ids: evidence.traceIds,
    logs: evidence.logs.map(({ at, level, service, text, traceId, count }) => ({
      at: iso(at),
      level,
      service,
      text,
      trace_id: traceId,
      count,
    })),
  };
}
