import { isObject } from '../../core/json.ts';
import { type RunHistory, readRecordedMessage, readRecordedRun } from '../../engine/run-history.ts';
import type { Projection } from '../../notifications/projections.ts';

/** Reads back the projections that a memory holds; `written` as MemoryProjections has it. */
export function runHistory(written: (index: Projection['index']) => readonly Projection[]): RunHistory {
  return {
    runs: async ({ rule, range, limit, alert }) => {
      const runs = written('runs')
        .filter(({ at, body }) => at >= range.from && at < range.to && body['rule.id'] === rule)
        .flatMap(({ body }) => readRecordedRun(body) ?? [])
        .filter(({ changes }) => alert === undefined || changes.some((change) => change.alert === alert));
      return { ok: true, value: runs.sort((a, b) => b.at - a.at).slice(0, limit) };
    },
    messages: async ({ alert, range, limit }) => {
      const messages = written('notifications')
        .filter(({ at, body }) => at >= range.from && at < range.to && isAbout(body, alert))
        .flatMap(({ body }) => readRecordedMessage(body) ?? []);
      return { ok: true, value: messages.sort((a, b) => b.at - a.at).slice(0, limit) };
    },
  };
}

function isAbout(body: Projection['body'], alert: string): boolean {
  const tocsin = body['tocsin'];
  const about = isObject(tocsin) ? tocsin['about'] : undefined;
  return Array.isArray(about) && about.includes(alert);
}
