import { isObject, type JsonObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import type { StoreAnswer, StoreUse } from '../../../core/stored.ts';
import { type Duration, type Instant, iso } from '../../../core/time.ts';
import { classifyReply } from '../classify.ts';
import { succeeded, type Wire, type WireReply, type WireRequest } from '../wire.ts';
import { type IndexKind, MAPPING_VERSION, mappingOf } from './mappings.ts';
import { isMissingIndex, pathOf } from './store-requests.ts';

/** How Tocsin's indices are named and made. */
export interface IndexOptions {
  /** What their names begin with: `tocsin-`. */
  readonly prefix: string;
  /** Copies of each shard; undefined: one as soon as there is a second node. */
  readonly replicas: number | undefined;
  /** How long a search may lag behind a write, ms. */
  readonly refreshInterval: Duration;
}

/** The indices that exist from the start, as far as they are used; those of runs are made on their days. */
export const FROM_THE_START: readonly IndexKind[] = [
  ...(['rules', 'alert-groups', 'leases', 'silences', 'acknowledgements', 'received-alerts'] as const),
  ...(['alerts', 'notifications'] as const),
];

const DONE: StoreAnswer<void> = { ok: true, value: undefined };

/** Those of some indices that are used. */
export function usedKinds<K extends IndexKind>(kinds: readonly K[], use: StoreUse = { received: true }): readonly K[] {
  return kinds.filter((kind) => kind !== 'received-alerts' || use.received);
}

/** The name of an index. */
export function indexName(options: IndexOptions, kind: Exclude<IndexKind, 'runs'>): string {
  return `${options.prefix}${kind}`;
}

/** The name of the index of the runs of one day, UTC. */
export function runsIndexName(options: IndexOptions, at: Instant): string {
  return `${options.prefix}runs-${iso(at).slice(0, 10).replaceAll('-', '.')}`;
}

/**
 * Makes what is missing of Tocsin's indices and brings older mappings up to date; refuses those of a newer Tocsin, and foreign indices.
 */
export async function ensureIndices(wire: Wire, options: IndexOptions, use?: StoreUse): Promise<StoreAnswer<void>> {
  const wanted = usedKinds(FROM_THE_START, use).map((kind) => ({ kind, index: `${options.prefix}${kind}` }));
  const made = await ensureEach(wire, options, wanted);
  return made.find((answer) => !answer.ok) ?? DONE;
}

/**
 * Ensures several indices. One request finds those that are as they should be, which is nearly always all of them; each other one is looked at by
 * itself, so that a problem with one is reported for it alone.
 */
export async function ensureEach(
  wire: Wire,
  options: IndexOptions,
  wanted: readonly { readonly kind: IndexKind; readonly index: string }[],
): Promise<readonly StoreAnswer<void>[]> {
  const query = { ignore_unavailable: true, filter_path: '*.mappings._meta' };
  const found = await send(wire, 'GET', pathOf(wanted.map(({ index }) => index).join(','), '_mapping'), { query });
  // Requesting each of them too would only double the time until an outage is noticed.
  if (found.kind === 'timeout' || found.kind === 'unreachable') return wanted.map(({ index }) => refusal(index, found));
  const bodies = succeeded(found) && isObject(found.body) ? found.body : {};
  const isCurrent = (index: string) => mappingVersionOf({ [index]: own(bodies, index) }) === MAPPING_VERSION;
  return Promise.all(wanted.map(({ kind, index }) => (isCurrent(index) ? DONE : ensureIndex(wire, options, kind, index))));
}

/** Makes one index, unless it exists. Two replicas may try at once: the second one finds what the first one made. */
export async function ensureIndex(wire: Wire, options: IndexOptions, kind: IndexKind, name: string): Promise<StoreAnswer<void>> {
  const existing = await send(wire, 'GET', pathOf(name, '_mapping'));
  if (succeeded(existing)) return checkMapping(wire, kind, name, existing.body);
  if (!isMissingIndex(existing)) return refusal(name, existing);
  const created = await send(wire, 'PUT', pathOf(name), { body: { settings: settingsOf(options), mappings: mappingOf(kind) } });
  if (succeeded(created)) return DONE;
  if (!isAlreadyThere(created)) return refusal(name, created);
  const theirs = await send(wire, 'GET', pathOf(name, '_mapping'));
  return succeeded(theirs) ? checkMapping(wire, kind, name, theirs.body) : refusal(name, theirs);
}

/** Deletes the run indices of days that ended before an instant; gives their names. */
export async function pruneRuns(wire: Wire, options: IndexOptions, before: Instant): Promise<readonly string[]> {
  const listed = await send(wire, 'GET', `/_resolve/index/${encodeURIComponent(`${options.prefix}runs-`)}*`);
  const indices = succeeded(listed) && isObject(listed.body) ? listed.body['indices'] : undefined;
  if (!Array.isArray(indices)) return [];
  const today = runsIndexName(options, before);
  const names = indices.flatMap((index: unknown) =>
    isObject(index) && typeof index['name'] === 'string' ? [index['name']] : [],
  );
  const over = names.filter((name) => name.length === today.length && name < today && /-\d{4}\.\d{2}\.\d{2}$/.test(name)).sort();
  const deleted = await Promise.all(over.map((name) => send(wire, 'DELETE', pathOf(name))));
  return over.filter((_name, i) => {
    const reply = deleted[i];
    return reply !== undefined && succeeded(reply);
  });
}

/** Templates of the cluster may match any name, so everything that safety needs is said here, the durability of writes first. */
function settingsOf({ replicas, refreshInterval }: IndexOptions): JsonObject {
  const copies =
    replicas === undefined ? { auto_expand_replicas: '0-1' } : { number_of_replicas: replicas, auto_expand_replicas: false };
  return {
    index: {
      number_of_shards: 1,
      ...copies,
      refresh_interval: `${Math.max(1, Math.round(refreshInterval))}ms`,
      'translog.durability': 'request',
      default_pipeline: '_none',
      final_pipeline: '_none',
    },
  };
}

async function checkMapping(wire: Wire, kind: IndexKind, name: string, body: unknown): Promise<StoreAnswer<void>> {
  const version = mappingVersionOf(body);
  if (version === undefined) {
    return {
      ok: false,
      message: `the index ${name} exists and was not created by Tocsin: delete or rename it, or choose another prefix`,
    };
  }
  if (version > MAPPING_VERSION) {
    const versions = `has mapping version ${version}, this Tocsin supports ${MAPPING_VERSION}`;
    return { ok: false, message: `the index ${name} ${versions}: a newer one runs on this cluster, upgrade this one` };
  }
  if (version === MAPPING_VERSION) return DONE;
  const updated = await send(wire, 'PUT', pathOf(name, '_mapping'), { body: mappingOf(kind) });
  return succeeded(updated) ? DONE : refusal(name, updated);
}

/** The version of a mapping as `GET INDEX/_mapping` answers it; undefined: Tocsin did not make it. The name may be an alias: the answer is keyed by the index behind it. */
export function mappingVersionOf(body: unknown): number | undefined {
  const [index] = isObject(body) ? Object.values(body) : [];
  const mappings = isObject(index) ? index['mappings'] : undefined;
  const meta = isObject(mappings) ? mappings['_meta'] : undefined;
  const version = isObject(meta) ? meta['tocsin_mapping_version'] : undefined;
  return typeof version === 'number' ? version : undefined;
}

function isAlreadyThere(reply: WireReply): boolean {
  const error = reply.kind === 'answered' && isObject(reply.body) ? reply.body['error'] : undefined;
  return isObject(error) && error['type'] === 'resource_already_exists_exception';
}

function refusal(name: string, reply: WireReply): StoreAnswer<never> {
  return { ok: false, message: `index ${name}: ${classifyReply(reply).message}` };
}

function send(
  wire: Wire,
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  parts: Pick<WireRequest, 'body' | 'query'> = {},
): Promise<WireReply> {
  return wire.send({ method, path, ...parts, timeout: wire.requestTimeout, repeatable: method === 'GET' });
}
