import { isObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import type { StoreUse } from '../../../core/stored.ts';
import type { Inspected, Inspection, StateIndexFound } from '../../../engine/inspection.ts';
import { classifyReply } from '../classify.ts';
import { FROM_THE_START, type IndexOptions, mappingVersionOf, usedKinds } from '../stores/indices.ts';
import { MAPPING_VERSION } from '../stores/mappings.ts';
import { isMissingIndex } from '../stores/store-requests.ts';
import { type Ask, succeeded } from '../wire.ts';

/** Looks at the indices that hold state and are used, each by its name: what it looks at must be what the stores will use. */
export async function stateIndices(
  ask: Ask,
  { prefix }: IndexOptions,
  use?: StoreUse,
): Promise<Awaited<ReturnType<Inspection['stateIndices']>>> {
  const found = await Promise.all(usedKinds(FROM_THE_START, use).map((kind) => stateIndex(ask, `${prefix}${kind}`)));
  const failed = found.find((one) => !one.ok);
  if (failed !== undefined && !failed.ok) return failed;
  const [healths, blocks] = await Promise.all([healthsOf(ask, prefix), blocksOf(ask, prefix)]);
  const indices = found.flatMap((one) =>
    one.ok ? [{ ...one.value, health: healths.get(one.value.name), blocks: blocks.get(one.value.name) ?? [] }] : [],
  );
  return { ok: true, value: { indices, mappingVersion: MAPPING_VERSION } };
}

async function stateIndex(ask: Ask, name: string): Promise<Inspected<Omit<StateIndexFound, 'health' | 'blocks'>>> {
  const reply = await ask(`/${encodeURIComponent(name)}/_mapping`, {});
  if (isMissingIndex(reply)) return { ok: true, value: { name, mapping: 'missing' } };
  if (!succeeded(reply)) return { ok: false, problem: classifyReply(reply) };
  return { ok: true, value: { name, mapping: mappingVersionOf(reply.body) ?? 'foreign' } };
}

/** Needs the cluster privilege `monitor`; without it this is unknown. */
async function healthsOf(ask: Ask, prefix: string): Promise<ReadonlyMap<string, string>> {
  const reply = await ask(`/_cluster/health/${encodeURIComponent(prefix)}*`, { level: 'indices', timeout: '0s' });
  // A cluster that is not well within the timeout answers 408, with the same body.
  const indices = reply.kind === 'answered' && isObject(reply.body) ? reply.body['indices'] : undefined;
  if (!isObject(indices)) return new Map();
  return new Map(
    Object.entries(indices).flatMap(([name, one]) =>
      isObject(one) && typeof one['status'] === 'string' ? [[name, one['status']] as const] : [],
    ),
  );
}

/** Settings under `index.blocks` that keep documents from being written; one that only protects metadata is harmless here. */
const WRITE_BLOCKS = ['read_only_allow_delete', 'read_only', 'write'] as const;

async function blocksOf(ask: Ask, prefix: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const reply = await ask(`/${encodeURIComponent(prefix)}*/_settings`, { filter_path: '*.settings.index.blocks' });
  if (!succeeded(reply) || !isObject(reply.body)) return new Map();
  return new Map(Object.entries(reply.body).map(([name, one]) => [name, blocksIn(one)]));
}

function blocksIn(index: unknown): readonly string[] {
  const settings = isObject(index) && isObject(index['settings']) ? index['settings']['index'] : undefined;
  const blocks = isObject(settings) && isObject(settings['blocks']) ? settings['blocks'] : undefined;
  return WRITE_BLOCKS.filter((block) => String(own(blocks, block)) === 'true');
}
