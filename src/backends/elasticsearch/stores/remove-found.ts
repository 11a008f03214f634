import { isObject, type JsonObject } from '../../../core/json.ts';
import { readSearch } from '../found.ts';
import type { Wire } from '../wire.ts';
import { writeBulk } from './bulk.ts';
import { pathOf } from './store-requests.ts';

const PAGE = 1_000;
/** Pages of one call: what is left waits for the next one, so that years of history do not go at once. */
const PAGES = 10;

/**
 * Removes the documents of an index that pass filters, each at the version that the search saw: one that changed meanwhile stays. Gives
 * how many went; when the cluster does not answer, the rest waits.
 */
export async function removeFound(wire: Wire, index: string, filter: readonly JsonObject[]): Promise<number> {
  let removed = 0;
  for (let page = 0; page < PAGES; page++) {
    const found = await findSome(wire, index, filter);
    const saved = await writeBulk(
      wire,
      // The next page must not show them again.
      { path: pathOf(index, '_bulk'), refresh: true },
      found.map((action) => ({ action: { delete: action } })),
    );
    const gone = saved.filter(({ kind }) => kind === 'saved').length;
    removed += gone;
    if (found.length < PAGE || gone === 0) break;
  }
  return removed;
}

async function findSome(wire: Wire, index: string, filter: readonly JsonObject[]): Promise<readonly JsonObject[]> {
  const reply = await wire.send({
    method: 'POST',
    path: pathOf(index, '_search'),
    query: { allow_partial_search_results: false, ignore_unavailable: true, allow_no_indices: true },
    body: { size: PAGE, query: { bool: { filter } }, track_total_hits: false, _source: false, seq_no_primary_term: true },
    timeout: wire.requestTimeout,
    repeatable: true,
  });
  const read = readSearch(reply.kind === 'answered' ? reply.body : undefined);
  if (read.kind !== 'found') return [];
  return read.found.hits.flatMap((hit: unknown) => {
    if (!isObject(hit)) return [];
    const { _id, _seq_no: seqNo, _primary_term: primaryTerm } = hit;
    if (typeof _id !== 'string' || typeof seqNo !== 'number' || typeof primaryTerm !== 'number') return [];
    return [{ _id, if_seq_no: seqNo, if_primary_term: primaryTerm }];
  });
}
