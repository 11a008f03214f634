import type { Json, JsonObject } from '../../../core/json.ts';
import { isObject } from '../../../core/json.ts';
import type { StoreAnswer, Version } from '../../../core/stored.ts';
import { classifyReply } from '../classify.ts';
import { readSearch } from '../found.ts';
import { succeeded, type Wire, type WireReply, type WireRequest } from '../wire.ts';

/**
 * What a store needs: the cluster, its index, whose documents they are, and how the index is made again should someone delete it.
 */
export interface StoreSetting {
  readonly wire: Wire;
  readonly index: string;
  readonly namespace: string;
  readonly ensureIndex: () => Promise<StoreAnswer<unknown>>;
}

/** One document that a search found. */
export interface FoundDocument {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly source: unknown;
  readonly sort: readonly unknown[];
  /** Where the search asked for it. */
  readonly version: Version | undefined;
}

/** What a search of a store's index found. */
export interface StoreSearch {
  readonly documents: readonly FoundDocument[];
  readonly aggregations: Readonly<Record<string, unknown>>;
}

/** Path of an index's endpoint. */
export function pathOf(index: string, endpoint = ''): string {
  return `/${encodeURIComponent(index)}${endpoint === '' ? '' : `/${endpoint}`}`;
}

/** Sends a read of a store: small, and harmless to repeat. */
export function readRequest(setting: StoreSetting, endpoint: string, body: Json, query = {}): Promise<WireReply> {
  const request: WireRequest = {
    method: 'POST',
    path: pathOf(setting.index, endpoint),
    query,
    body,
    timeout: setting.wire.requestTimeout,
    repeatable: true,
  };
  return setting.wire.send(request);
}

/** Searches the namespace's documents. What it finds may lag behind writes by the refresh interval. */
export async function searchStore(
  setting: StoreSetting,
  filter: readonly JsonObject[],
  rest: JsonObject,
): Promise<StoreAnswer<StoreSearch>> {
  const query = { bool: { filter: [{ term: { namespace: setting.namespace } }, ...filter] } };
  const whole = { allow_partial_search_results: false };
  const reply = await readRequest(setting, '_search', { query, track_total_hits: false, _source: false, ...rest }, whole);
  const read = readSearch(reply.kind === 'answered' ? reply.body : undefined);
  if (read.kind === 'found') {
    return { ok: true, value: { documents: read.found.hits.map(documentOf), aggregations: read.found.aggregations } };
  }
  const problem = read.kind === 'problem' && succeeded(reply) ? read.problem : classifyReply(reply);
  if (!isMissingIndex(reply)) return { ok: false, message: `${setting.index}: ${problem.message}` };
  const made = await setting.ensureIndex();
  return made.ok ? { ok: true, value: { documents: [], aggregations: {} } } : made;
}

/** Says whether a reply, or the part of it for one document, means that the index does not exist. */
export function isMissingIndex(reply: WireReply | { readonly kind: 'part'; readonly body: unknown }): boolean {
  if (reply.kind !== 'answered' && reply.kind !== 'part') return false;
  const error = isObject(reply.body) ? reply.body['error'] : undefined;
  return isObject(error) && error['type'] === 'index_not_found_exception';
}

function documentOf(hit: unknown): FoundDocument {
  const fields = isObject(hit) && isObject(hit['fields']) ? hit['fields'] : {};
  const sort = isObject(hit) && Array.isArray(hit['sort']) ? hit['sort'] : [];
  const { _source: source, _seq_no: seqNo, _primary_term: primaryTerm } = isObject(hit) ? hit : {};
  const version = typeof seqNo === 'number' && typeof primaryTerm === 'number' ? { seqNo, primaryTerm } : undefined;
  return { fields, source, sort, version };
}

/** The ids of found documents, in order. */
export function idsOf(found: StoreSearch): readonly string[] {
  return found.documents.flatMap(({ fields }) => {
    const id: unknown = Array.isArray(fields['id']) ? fields['id'][0] : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}
