import type { JsonObject } from '../../../core/json.ts';
import type { StoreAnswer } from '../../../core/stored.ts';
import { iso, type TimeRange } from '../../../core/time.ts';
import {
  ACKNOWLEDGED_ACTION,
  PAYLOAD_FIELD,
  readRecordedAcknowledgement,
  readRecordedEpisode,
  readRecordedMessage,
  readRecordedPayload,
  readRecordedRun,
} from '../../../engine/history/read-records.ts';
import type { RunHistory } from '../../../engine/history/run-history.ts';
import { classifyReply } from '../classify.ts';
import { readSearch } from '../found.ts';
import { succeeded, type Wire } from '../wire.ts';
import { documentId } from './document-id.ts';
import { type IndexOptions, indexName } from './indices.ts';
import { pathOf } from './store-requests.ts';

/** Reads back the documents of `tocsin-runs-…` and `tocsin-notifications`. An index that was never made holds nothing. */
export function runHistory(wire: Wire, namespace: string, options: IndexOptions): RunHistory {
  const search = (index: string, { range, limit, skip }: Page, filters: readonly JsonObject[]) => {
    const time = { range: { '@timestamp': { gte: iso(range.from), lt: iso(range.to) } } };
    const filter = [time, { term: { 'tocsin.namespace': namespace } }, ...filters];
    return newest(wire, index, { query: { bool: { filter } }, by: '@timestamp', size: limit, skip });
  };
  return {
    runs: async ({ rule, alert, changed: onlyChanged, ...page }) => {
      const ofAlert = alert === undefined ? [] : [{ term: { 'tocsin.changes.alert': alert } }];
      const anyChange = alert === undefined && onlyChanged === true ? [{ exists: { field: 'tocsin.changes.alert' } }] : [];
      const changed = [...ofAlert, ...anyChange];
      const found = await search(`${options.prefix}runs-*`, page, [{ term: { 'rule.id': rule } }, ...changed]);
      return found.ok ? { ok: true, value: found.value.flatMap((body) => readRecordedRun(body) ?? []) } : found;
    },
    messages: async ({ alert, rule, receiver, ...page }) => {
      const filters = [
        ...(alert === undefined ? [] : [{ term: { 'tocsin.about': alert } }]),
        ...(rule === undefined ? [] : [{ term: { 'rule.id': rule } }]),
        ...(receiver === undefined ? [] : [{ term: { 'tocsin.receiver': receiver } }]),
      ];
      const found = await search(indexName(options, 'notifications'), page, filters);
      return found.ok ? { ok: true, value: found.value.flatMap((body) => readRecordedMessage(body) ?? []) } : found;
    },
    payload: async (id) => {
      const filter = [{ ids: { values: [documentId(namespace, id)] } }, { term: { 'tocsin.namespace': namespace } }];
      const wanted = { query: { bool: { filter } }, by: '@timestamp', size: 1, whole: true } as const;
      const found = await newest(wire, indexName(options, 'notifications'), wanted);
      return found.ok ? { ok: true, value: readRecordedPayload(found.value[0]) } : found;
    },
    episodes: async ({ range, limit, skip, rule, alert }) => {
      const begun = { range: { 'event.start': { lt: iso(range.to) } } };
      const over = { range: { 'event.end': { lt: iso(range.from) } } };
      const filter = [
        { term: { 'tocsin.namespace': namespace } },
        begun,
        ...(rule === undefined ? [] : [{ term: { 'rule.id': rule } }]),
        ...(alert === undefined ? [] : [{ term: { 'tocsin.alert': alert } }]),
      ];
      const query = { bool: { filter, must_not: [over] } };
      const found = await newest(wire, indexName(options, 'alerts'), { query, by: 'event.start', size: limit, skip });
      return found.ok ? { ok: true, value: found.value.flatMap((body) => readRecordedEpisode(body) ?? []) } : found;
    },
    acknowledgements: async ({ alert, ...page }) => {
      const filters = [
        { term: { 'event.action': ACKNOWLEDGED_ACTION } },
        ...(alert === undefined ? [] : [{ term: { 'tocsin.alert': alert } }]),
      ];
      const found = await search(indexName(options, 'alerts'), page, filters);
      return found.ok ? { ok: true, value: found.value.flatMap((body) => readRecordedAcknowledgement(body) ?? []) } : found;
    },
  };
}

interface Page {
  readonly range: TimeRange;
  readonly limit: number;
  readonly skip?: number | undefined;
}

interface Newest {
  readonly query: JsonObject;
  /** The time field by which they are the newest. */
  readonly by: string;
  readonly size: number;
  readonly skip?: number | undefined;
  /** With what was sent, which is long. */
  readonly whole?: true;
}

async function newest(
  wire: Wire,
  index: string,
  { query, by, size, skip = 0, whole }: Newest,
): Promise<StoreAnswer<readonly unknown[]>> {
  const reply = await wire.send({
    method: 'POST',
    path: pathOf(index, '_search'),
    query: { allow_partial_search_results: false, ignore_unavailable: true, allow_no_indices: true },
    body: {
      size,
      ...(skip > 0 && { from: skip }),
      query,
      ...(whole !== true && { _source: { excludes: [PAYLOAD_FIELD] } }),
      track_total_hits: false,
      sort: [{ [by]: { order: 'desc', unmapped_type: 'date' } }],
    },
    timeout: wire.requestTimeout,
    repeatable: true,
  });
  const read = readSearch(reply.kind === 'answered' ? reply.body : undefined);
  if (!succeeded(reply) || read.kind === 'problem') {
    const problem = succeeded(reply) && read.kind === 'problem' ? read.problem : classifyReply(reply);
    return { ok: false, message: `${index}: ${problem.message}` };
  }
  const hits = read.kind === 'found' ? read.found.hits : [];
  return { ok: true, value: hits.map((hit) => (hit as { readonly _source?: unknown })._source) };
}
