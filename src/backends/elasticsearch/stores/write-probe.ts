import type { IndexFailure, Saved, StoreAnswer, StoreProbe, StoreUse } from '../../../core/stored.ts';
import { type Duration, type Instant, iso } from '../../../core/time.ts';
import { classifyReply } from '../classify.ts';
import { readSearch } from '../found.ts';
import { succeeded, type Wire } from '../wire.ts';
import { type BulkWrite, writeBulk } from './bulk.ts';
import { ensureEach, type IndexOptions, indexName, runsIndexName, usedKinds } from './indices.ts';
import type { IndexKind } from './mappings.ts';
import { pathOf } from './store-requests.ts';

/**
 * The `_id` of what the probe writes. Every other `_id` begins with a namespace and a colon, and every search of Tocsin asks for a namespace, so
 * nothing can meet it or find it. All replicas and namespaces share it.
 */
export const PROBE_ID = 'tocsin-write-probe';

/** Longest that a step of the probe may take, ms: a store that needs longer is too slow for leases of 20 seconds. */
const PATIENCE: Duration = 15_000;

const STATE = [
  ...(['rules', 'alert-groups', 'leases', 'silences', 'acknowledgements', 'received-alerts'] as const),
] as const satisfies readonly IndexKind[];
const HISTORY = ['alerts', 'notifications'] as const satisfies readonly IndexKind[];

/** One index that is probed: the name under which it is reported, and the one that is written. */
interface Probed {
  readonly kind: IndexKind;
  readonly name: string;
  readonly index: string;
}

/**
 * Sees whether each of Tocsin's indices that is used exists with its mapping, takes a write and, for those of its state, answers a search. One bulk request
 * beside the reads; a deleted index is created again. `now` decides which index of runs is today's. Never throws.
 */
export async function probeIndices(wire: Wire, options: IndexOptions, now: Instant, use?: StoreUse): Promise<StoreProbe> {
  const probeWire: Wire = { send: (request) => wire.send(request), requestTimeout: Math.min(wire.requestTimeout, PATIENCE) };
  const probed = (kind: (typeof STATE | typeof HISTORY)[number]): Probed => {
    const index = indexName(options, kind);
    return { kind, name: index, index };
  };
  const state = usedKinds(STATE, use).map(probed);
  const runs: Probed = { kind: 'runs', name: `${options.prefix}runs-*`, index: runsIndexName(options, now) };
  const history = [...HISTORY.map(probed), runs];
  const all = [...state, ...history];
  const existing = await ensureEach(probeWire, options, all);
  const usable = all.filter((_, i) => existing[i]?.ok === true);
  const written = await writeBulk(
    probeWire,
    { path: '/_bulk' },
    usable.map((one) => probeWrite(one, state.includes(one), now)),
  );
  const failures = new Map<string, IndexFailure | undefined>();
  for (const [i, { name }] of all.entries()) failures.set(name, missingFailure(existing[i]));
  for (const [i, { name }] of usable.entries()) failures.set(name, writeFailure(written[i]));
  const broken = state.some(({ name }) => failures.get(name) !== undefined);
  const unread = broken ? undefined : await searchFailure(probeWire, state);
  const part = (some: readonly Probed[], also?: IndexFailure) =>
    new Map(some.map(({ name }) => [name, failures.get(name) ?? also]));
  return { state: part(state, unread), history: part(history) };
}

/** State gets a document of the usual shape. History gets the deletion of one that never was: nothing appears on dashboards. */
function probeWrite({ index }: Probed, isState: boolean, now: Instant): BulkWrite {
  if (!isState) return { action: { delete: { _index: index, _id: PROBE_ID } } };
  const note = 'Tocsin overwrites this document to see whether the index can be written. Nothing reads it.';
  return {
    action: { index: { _index: index, _id: PROBE_ID } },
    document: { id: PROBE_ID, body: { note, written_at: iso(now) } },
  };
}

function missingFailure(answer: StoreAnswer<void> | undefined): IndexFailure | undefined {
  if (answer?.ok === true) return undefined;
  return { kind: 'away', message: answer?.message ?? 'it was not checked' };
}

function writeFailure(saved: Saved | undefined): IndexFailure | undefined {
  switch (saved?.kind) {
    case 'saved':
    case 'conflict':
      return undefined;
    case 'refused':
      return { kind: 'unwritable', message: saved.message };
    default:
      return { kind: 'away', message: saved?.message ?? 'the store returned no result for this write' };
  }
}

/** A store that takes writes may still be too slow for searches, or have lost the threads for them. */
async function searchFailure(wire: Wire, state: readonly Probed[]): Promise<IndexFailure | undefined> {
  const reply = await wire.send({
    method: 'POST',
    path: pathOf(state.map(({ index }) => index).join(','), '_search'),
    query: { allow_partial_search_results: false },
    body: { size: 0, track_total_hits: false, query: { term: { id: PROBE_ID } } },
    timeout: wire.requestTimeout,
    repeatable: true,
  });
  const read = readSearch(reply.kind === 'answered' ? reply.body : undefined);
  if (read.kind === 'found') return undefined;
  const { message } = read.kind === 'problem' && succeeded(reply) ? read.problem : classifyReply(reply);
  return { kind: 'away', message };
}
