import { isObject, jsonText } from '../../core/json.ts';
import { inParallel } from '../../core/parallel.ts';
import type { Duration } from '../../core/time.ts';
import { type SearchProblemCode, searchProblem } from '../../search/search-problem.ts';
import { classifyReply } from './classify.ts';
import { type Read, readEsql, readSearch } from './found.ts';
import type { SearchRequest } from './questions/step.ts';
import { succeeded, type Wire } from './wire.ts';

/** Bounds of what is sent at once. */
export interface Limits {
  readonly searchesARequest: number;
  readonly requestsAtOnce: number;
}

/** Far below `http.max_content_length` (100 MB), and small enough to be parsed without pause. */
const MAX_BYTES = 5 * 1024 * 1024;
/** For what lies between the server's clock and ours; the searches of a request may have to wait for one another. */
const GRACE: Duration = 10_000;

/** Sends searches in as few requests as the limits allow; answers are in the order of the searches. */
export async function sendSearches(
  wire: Wire,
  searches: readonly SearchRequest[],
  limits: Limits,
  signal: AbortSignal,
): Promise<readonly Read[]> {
  const answers: Read[] = new Array<Read>(searches.length);
  const batches = batchesOf(searches, limits.searchesARequest);
  await inParallel(batches, limits.requestsAtOnce, async (batch) => {
    const items = batch.map(({ item }) => item);
    const reads = await sendBatch(wire, items, signal);
    for (const [i, { place }] of batch.entries()) answers[place] = reads[i] ?? MISSING;
  });
  return answers;
}

interface Item {
  readonly search: SearchRequest;
  readonly lines: readonly string[];
}

interface PlacedItem {
  readonly item: Item;
  readonly place: number;
}

/** A placeholder for a missing answer. */
export const MISSING: Read = { kind: 'problem', problem: searchProblem('bad_answer', 'the response to this search is missing') };

/** Searches of the same indices go together, so that a slow index holds up as few others as can be. */
function batchesOf(searches: readonly SearchRequest[], most: number): readonly (readonly PlacedItem[])[] {
  const placed = searches.map((search, place) => ({
    item: { search, lines: linesOf(search) },
    place,
    indices: search.source.indices.join(),
  }));
  const batches: PlacedItem[][] = [];
  let open: PlacedItem[] | undefined;
  let bytes = 0;
  for (const { item, place } of placed.sort((a, b) => (a.indices < b.indices ? -1 : a.indices > b.indices ? 1 : 0))) {
    const size = item.lines.reduce((sum, line) => sum + line.length, 0);
    if (item.search.kind === 'esql') {
      batches.push([{ item, place }]);
      continue;
    }
    if (open === undefined || open.length >= most || bytes + size > MAX_BYTES) {
      open = [];
      bytes = 0;
      batches.push(open);
    }
    open.push({ item, place });
    bytes += size;
  }
  return batches;
}

function linesOf({ kind, source, body }: SearchRequest): readonly string[] {
  if (kind === 'esql') return [];
  const header = {
    index: source.indices,
    ignore_unavailable: source.ignoreMissingIndex,
    allow_no_indices: true,
    allow_partial_search_results: false,
  };
  return [JSON.stringify(header), jsonText(body)];
}

async function sendBatch(wire: Wire, items: readonly Item[], signal: AbortSignal): Promise<readonly Read[]> {
  const [only] = items;
  return only?.search.kind === 'esql' ? [await sendEsql(wire, only.search, signal)] : sendTogether(wire, items, signal, true);
}

async function sendEsql(wire: Wire, { body, source }: SearchRequest, signal: AbortSignal): Promise<Read> {
  const timeout = source.timeout + GRACE;
  const reply = await wire.send({ method: 'POST', path: '/_query', body, timeout, signal, repeatable: true });
  return succeeded(reply) ? readEsql(reply.body) : { kind: 'problem', problem: classifyReply(reply) };
}

async function sendTogether(
  wire: Wire,
  items: readonly Item[],
  signal: AbortSignal,
  mayRetry: boolean,
): Promise<readonly Read[]> {
  const timeout = Math.max(...items.map(({ search }) => search.source.timeout)) * (items.length > 1 ? 2 : 1) + GRACE;
  const lines = items.flatMap((item) => item.lines);
  const reply = await wire.send({ method: 'POST', path: '/_msearch', lines, timeout, signal, repeatable: true });
  const responses = succeeded(reply) && isObject(reply.body) ? reply.body['responses'] : undefined;
  if (Array.isArray(responses) && responses.length === items.length) return responses.map(readSearch);

  const problem = succeeded(reply)
    ? searchProblem('bad_answer', 'the response is not an _msearch response')
    : classifyReply(reply);
  const overloaded = problem.code === 'overloaded';
  if (items.length === 1 || signal.aborted || !(overloaded ? mayRetry : MAY_BE_OF_ONE.has(problem.code))) {
    return items.map(() => ({ kind: 'problem', problem }));
  }
  // One body that cannot be parsed fails a whole request: halving finds it without asking each search by itself.
  const half = Math.ceil(items.length / 2);
  const left = await sendTogether(wire, items.slice(0, half), signal, mayRetry && !overloaded);
  return [...left, ...(await sendTogether(wire, items.slice(half), signal, mayRetry && !overloaded))];
}

/** Problems of a whole request for which one of its searches may be to blame. */
const MAY_BE_OF_ONE: ReadonlySet<SearchProblemCode> = new Set(['bad_query', 'bad_mapping', 'too_large', 'server']);
