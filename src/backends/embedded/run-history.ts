import { isObject } from '../../core/json.ts';
import {
  readRecordedAcknowledgement,
  readRecordedEpisode,
  readRecordedMessage,
  readRecordedPayload,
  readRecordedRun,
} from '../../engine/history/read-records.ts';
import type { RunHistory } from '../../engine/history/run-history.ts';
import type { HistoryRecord } from '../../notify/history.ts';

/** Reads back the history that a memory holds; `written` as MemoryHistory has it. */
export function memoryRunHistory(written: (index: HistoryRecord['index']) => readonly HistoryRecord[]): RunHistory {
  return {
    runs: async ({ rule, range, limit, skip = 0, alert, changed }) => {
      const runs = written('runs')
        .filter(({ at, body }) => at >= range.from && at < range.to && body['rule.id'] === rule)
        .flatMap(({ body }) => readRecordedRun(body) ?? [])
        .filter(({ changes }) => changed !== true || changes.length > 0)
        .filter(({ changes }) => alert === undefined || changes.some((change) => change.alert === alert));
      return { ok: true, value: runs.sort((a, b) => b.at - a.at).slice(skip, skip + limit) };
    },
    messages: async ({ alert, rule, receiver, range, limit, skip = 0 }) => {
      const messages = written('notifications')
        .filter(({ at, body }) => at >= range.from && at < range.to && (alert === undefined || isAbout(body, alert)))
        .filter(({ body }) => rule === undefined || holds(body['rule.id'], rule))
        .filter(({ body }) => receiver === undefined || (isObject(body['tocsin']) && body['tocsin']['receiver'] === receiver))
        .flatMap(({ body }) => readRecordedMessage(body) ?? []);
      return { ok: true, value: messages.sort((a, b) => b.at - a.at).slice(skip, skip + limit) };
    },
    payload: async (id) => {
      const found = written('notifications').find((one) => one.id === id);
      return { ok: true, value: found && readRecordedPayload(found.body) };
    },
    episodes: async ({ range, limit, skip = 0, rule, alert: wanted }) => {
      const episodes = written('alerts')
        .filter(({ body }) => rule === undefined || body['rule.id'] === rule)
        .flatMap(({ body }) => readRecordedEpisode(body) ?? [])
        .filter(({ alert }) => wanted === undefined || alert === wanted)
        .filter(({ start, end }) => start < range.to && (end === undefined || end >= range.from));
      return { ok: true, value: episodes.sort((a, b) => b.start - a.start).slice(skip, skip + limit) };
    },
    acknowledgements: async ({ range, limit, alert: wanted }) => {
      const all = written('alerts')
        .flatMap(({ body }) => readRecordedAcknowledgement(body) ?? [])
        .filter(({ at, alert }) => at >= range.from && at < range.to && (wanted === undefined || alert === wanted));
      return { ok: true, value: all.sort((a, b) => b.at - a.at).slice(0, limit) };
    },
  };
}

function isAbout(body: HistoryRecord['body'], alert: string): boolean {
  const tocsin = body['tocsin'];
  const about = isObject(tocsin) ? tocsin['about'] : undefined;
  return Array.isArray(about) && about.includes(alert);
}

/** As a term query sees it: a field of one value or of several. */
function holds(value: unknown, wanted: string): boolean {
  return Array.isArray(value) ? value.includes(wanted) : value === wanted;
}
