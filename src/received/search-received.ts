import type { Json } from '../core/json.ts';
import type { Answer } from '../search/answer.ts';
import type { Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import { searchProblem } from '../search/search-problem.ts';
import type { ReceivedAlerts } from './received-alerts.ts';
import { isTooMuch, RECEIVED_FIELD, RECEIVED_SOURCE } from './received-type.ts';

/** A search port that answers the questions of the built-in rule from the store of received alerts, and passes on all others. */
export function searchReceived(search: Search, received: ReceivedAlerts): Search {
  return {
    ...search,
    ask: async (queries, signal) => {
      const others = queries.filter((query) => query.source !== RECEIVED_SOURCE);
      if (others.length === queries.length) return search.ask(queries, signal);
      const own = queries.filter((query) => query.source === RECEIVED_SOURCE);
      const [asked, known] = await Promise.all([
        others.length === 0 ? [] : search.ask(others, signal),
        Promise.all(own.map((query) => answerTo(query, received))),
      ]);
      const [next, nextKnown] = [asked.values(), known.values()];
      return queries.map((query) => (query.source === RECEIVED_SOURCE ? nextKnown : next).next().value as Answer);
    },
  };
}

const COST = { took: 0, shards: 1, merged: 1 } as const;

/** `truncated`: as many fire as may, or are so big that they do not fit. All of them are in the answer; what is beyond is refused, or waits. */
async function answerTo(query: Query, received: ReceivedAlerts): Promise<Answer> {
  const { window } = query;
  const found = await received.list(window.from);
  const sent = { ends_after: window.from };
  if (!found.ok) return { kind: 'failed', problem: searchProblem('unreachable', found.message), sent, cost: COST };
  const row = (id: string, fields: Readonly<Record<string, readonly Json[]>>) => ({ id, index: '', at: window.to, fields });
  const hits = [
    ...found.value.map((alert) => row(alert.id, { [RECEIVED_FIELD]: [alert as unknown as Json] })),
    ...[...(found.unreadable?.keys() ?? [])].map((id) => row(id, {})),
  ];
  const counts = { matched: hits.length, ungrouped: 0, atLeast: hits.length };
  const firing = found.value.filter(({ ends_at }) => ends_at > window.to);
  const isFull = query.kind === 'hits' && (firing.length >= query.limit || isTooMuch(firing));
  return { kind: isFull ? 'truncated' : 'complete', groups: [], hits, table: [], ...counts, sent, cost: COST };
}
