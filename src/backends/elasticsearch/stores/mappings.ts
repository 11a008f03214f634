import type { JsonObject } from '../../../core/json.ts';

/** Version of the mappings below; raise it with every change, and only ever add to them. */
export const MAPPING_VERSION = 2;

const keyword = { type: 'keyword' };
const date = { type: 'date', format: 'epoch_millis' };
/** State is stored and never searched, whatever its depth and the names in it. */
const body = { type: 'object', enabled: false };

const owned = { namespace: keyword, id: keyword, body };

/** ECS fields that dashboards filter and sort by; what is not named here is stored and shown, but not indexed. */
const historyRecord = {
  '@timestamp': { type: 'date' },
  message: { type: 'text' },
  labels: { type: 'flattened' },
  // A question as it was sent may be deep, and a text in it long: by default either would refuse the whole document.
  tocsin: { type: 'flattened', depth_limit: 200, ignore_above: 1_024 },
  event: {
    properties: {
      kind: keyword,
      category: keyword,
      action: keyword,
      outcome: keyword,
      reason: keyword,
      start: { type: 'date' },
      end: { type: 'date' },
      duration: { type: 'long' },
    },
  },
  rule: { properties: { id: keyword, name: keyword, category: keyword } },
  error: { properties: { code: keyword, message: { type: 'text' } } },
};

const MAPPINGS = {
  rules: { ...owned, hasOutbox: { type: 'boolean' }, evaluated_through: date },
  'alert-groups': { ...owned, receiver: keyword, due: date },
  leases: { ...owned, holder: keyword, until: date },
  silences: { ...owned, starts_at: date, ends_at: date },
  alerts: historyRecord,
  notifications: historyRecord,
  runs: historyRecord,
} as const;

/** The indices of Tocsin, by what follows their prefix; `runs` has one a day. */
export type IndexKind = keyof typeof MAPPINGS;

/**
 * The mapping of a kind of index, with its version. Unexpected strings change nothing: nothing is mapped dynamically.
 */
export function mappingOf(kind: IndexKind): JsonObject {
  return { dynamic: false, _meta: { tocsin_mapping_version: MAPPING_VERSION }, properties: MAPPINGS[kind] };
}
