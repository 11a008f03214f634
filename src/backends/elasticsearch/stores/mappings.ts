import { isObject, type JsonObject, type JsonSchema } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import { ACKNOWLEDGEMENT } from '../../../state/acknowledgement.ts';
import { ALERT_GROUP } from '../../../state/alert-group-versions.ts';
import { LEASE_KIND } from '../../../state/lease.ts';
import { RECEIVED_ALERT } from '../../../state/received-alert.ts';
import { RULE } from '../../../state/rule-document.ts';
import { SIGN_INS } from '../../../state/sign-ins.ts';
import { SILENCE } from '../../../state/silence.ts';
import type { StoredKind } from '../../../state/stored-kind.ts';

/** Version of the mappings below; raise it with every change, and only ever add to them. */
export const MAPPING_VERSION = 3;

const keyword = { type: 'keyword' };
const date = { type: 'date', format: 'epoch_millis' };
/** State is stored and never searched, whatever its depth and the names in it. */
const body = { type: 'object', enabled: false };

/** The mapping of an index of state: what is searched by, by the types that the schema gives it. */
function stateMapping({ schema, indexed, derived }: Pick<StoredKind, 'schema' | 'indexed' | 'derived'>): JsonObject {
  const properties = (schema as JsonSchema)['properties'] as Readonly<Record<string, JsonSchema>>;
  const fields = Object.fromEntries(indexed.map((name) => [name, fieldOf(own(properties, name) ?? {})]));
  const flags = Object.fromEntries(Object.keys(derived).map((name) => [name, { type: 'boolean' }]));
  return { namespace: keyword, id: keyword, body, ...fields, ...flags };
}

/** A name, yes or no, or a point in time: no other number is searched by. */
function fieldOf({ type, anyOf }: JsonSchema): JsonObject {
  const [first] = Array.isArray(anyOf) ? anyOf : [];
  if (isObject(first)) return fieldOf(first);
  return type === 'number' ? date : type === 'boolean' ? { type: 'boolean' } : keyword;
}

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
  rules: stateMapping(RULE),
  'alert-groups': stateMapping(ALERT_GROUP),
  leases: stateMapping(LEASE_KIND),
  silences: stateMapping(SILENCE),
  acknowledgements: stateMapping(ACKNOWLEDGEMENT),
  'sign-ins': stateMapping(SIGN_INS),
  'received-alerts': stateMapping(RECEIVED_ALERT),
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
