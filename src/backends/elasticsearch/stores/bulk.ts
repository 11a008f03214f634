import { isObject, type JsonObject, jsonText } from '../../../core/json.ts';
import type { Saved } from '../../../core/stored.ts';
import { MOST_BYTES } from '../answer-body.ts';
import { classifyError, classifyReply } from '../classify.ts';
import { succeeded, type Wire, type WireReply } from '../wire.ts';

/** One write: the action line and the document; a removal has none. */
export interface BulkWrite {
  readonly action: JsonObject;
  readonly document?: JsonObject;
}

/** Where a bulk goes; `refresh` makes it visible to searches before it is answered. */
export interface BulkTarget {
  readonly path: string;
  readonly refresh?: boolean;
}

/** Bounds of one request. */
export interface BulkLimits {
  readonly bytes: number;
  readonly writes: number;
  /** Largest document that is written at all. */
  readonly one: number;
}

/** What exceeds the size limit of a response could never be read back. */
const LIMITS: BulkLimits = { bytes: 5 * 1024 * 1024, writes: 500, one: MOST_BYTES / 2 };

/** Writes in as few requests as the limits allow, each sent once; says of each write its outcome, in order. */
export async function writeBulk(
  wire: Wire,
  target: BulkTarget,
  writes: readonly BulkWrite[],
  limits: BulkLimits = LIMITS,
): Promise<readonly Saved[]> {
  const written = writes.map(({ action, document }): Written => {
    const lines = [action, ...(document === undefined ? [] : [document])].map((part) => jsonText(part));
    return { lines, size: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) };
  });
  const fitting = written.filter(({ size }) => size <= limits.one);
  const saved: Saved[] = [];
  for (const portion of portionsOf(fitting, limits)) saved.push(...(await sendPortion(wire, target, portion)));
  const results = saved.values();
  return written.map(({ size }) => (size > limits.one ? tooLarge(size, limits.one) : (results.next().value ?? UNANSWERED)));
}

/** The action, and the document if there is one. */
type Lines = readonly string[];

interface Written {
  readonly lines: Lines;
  readonly size: number;
}

const UNANSWERED: Saved = { kind: 'unclear', message: 'the store returned no result for this write' };

function tooLarge(size: number, most: number): Saved {
  const [is, may] = [size, most].map((bytes) => `${(bytes / 1_048_576).toFixed(1)} MiB`);
  return {
    kind: 'refused',
    message: `a document of ${is} is too large, at most ${may}: lower max_groups, or group by fewer fields`,
  };
}

function portionsOf(writes: readonly Written[], limits: BulkLimits): readonly (readonly Lines[])[] {
  const portions: Lines[][] = [];
  let bytes = 0;
  for (const { lines, size } of writes) {
    const open = portions.at(-1);
    if (open === undefined || open.length >= limits.writes || bytes + size > limits.bytes) {
      portions.push([lines]);
      bytes = size;
    } else {
      open.push(lines);
      bytes += size;
    }
  }
  return portions;
}

async function sendPortion(wire: Wire, target: BulkTarget, portion: readonly Lines[]): Promise<readonly Saved[]> {
  const timeout = wire.requestTimeout;
  // The server gives up waiting for a shard before we give up waiting for the server: then the outcome is known.
  const query = { timeout: `${Math.max(1, Math.round(timeout * 0.8))}ms`, ...(target.refresh && { refresh: true }) };
  const reply = await wire.send({ method: 'POST', path: target.path, query, lines: portion.flat(), timeout, repeatable: false });
  const items = itemsOf(reply);
  if (items !== undefined && items.length === portion.length) return items.map(classifyItem);
  if (reply.kind === 'answered' && reply.status === 413 && portion.length > 1) {
    const half = Math.ceil(portion.length / 2);
    return [
      ...(await sendPortion(wire, target, portion.slice(0, half))),
      ...(await sendPortion(wire, target, portion.slice(half))),
    ];
  }
  return portion.map(() => classifyWhole(reply));
}

function itemsOf(reply: WireReply): readonly unknown[] | undefined {
  return succeeded(reply) && isObject(reply.body) && Array.isArray(reply.body['items']) ? reply.body['items'] : undefined;
}

/** The outcome of the writes of a request that was not answered item by item. Only what surely was not applied is refused. */
export function classifyWhole(reply: WireReply): Saved {
  const { message } = classifyReply(reply);
  const refused = reply.kind === 'answered' && ([400, 401, 403, 404, 405, 413].includes(reply.status) || isBlocked(reply.body));
  if (!refused) return { kind: 'unclear', message };
  // Only its size can be the fault of the one document that is left when a request is too large.
  return { kind: 'refused', message, ...(reply.status !== 413 && { of: 'index' }) };
}

/** A block of the whole cluster, which is 429 when its disks are full. One that waits for a master (503) may pass in a moment. */
function isBlocked(body: unknown): boolean {
  if (!isObject(body) || body['status'] === 503 || !isObject(body['error'])) return false;
  return body['error']['type'] === 'cluster_block_exception';
}

/** The outcome of one write, from its item in the answer: `{create: {status, _seq_no, _primary_term, error}}`. */
export function classifyItem(item: unknown): Saved {
  const result: unknown = isObject(item) ? Object.values(item)[0] : undefined;
  if (!isObject(result)) return { kind: 'unclear', message: 'the response to this write cannot be read' };
  const { status, error, _seq_no: seqNo, _primary_term: primaryTerm } = result;
  if (error === undefined && typeof seqNo === 'number' && typeof primaryTerm === 'number') {
    return { kind: 'saved', version: { seqNo, primaryTerm } };
  }
  const type = isObject(error) ? error['type'] : undefined;
  if (type === 'version_conflict_engine_exception') return { kind: 'conflict' };
  const { message } = classifyError({ error }, typeof status === 'number' ? status : 500);
  // A block is checked before anything is written, whatever its status: 403, or 429 when the disk is full.
  const refused =
    type === 'cluster_block_exception' ||
    (typeof status === 'number' && status >= 400 && status < 500 && status !== 429 && status !== 408);
  if (!refused) return { kind: 'unclear', message };
  return { kind: 'refused', message, ...(refusesAll(error) && { of: 'index' }) };
}

/** Exceptions that concern an index or the cluster, whatever is to be written. */
const OF_THE_INDEX = new Set([
  'cluster_block_exception',
  'index_closed_exception',
  'index_not_found_exception',
  'security_exception',
  'strict_dynamic_mapping_exception',
  'invalid_index_name_exception',
  'unavailable_shards_exception',
]);

/** What Elasticsearch says of an index or its mapping under types that it uses for single documents too. */
const WORDS_OF_THE_INDEX =
  /Limit of (total fields|mapping depth|nested fields)|write index|in data streams|data stream|pipeline|\[dynamic\] is set to \[strict\]|no such index/i;

function refusesAll(error: unknown, depth = 0): boolean {
  if (!isObject(error) || depth > 8) return false;
  const { type, reason, caused_by: cause } = error;
  if (typeof type === 'string' && OF_THE_INDEX.has(type)) return true;
  return (typeof reason === 'string' && WORDS_OF_THE_INDEX.test(reason)) || refusesAll(cause, depth + 1);
}
