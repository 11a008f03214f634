import { describe, expect, it } from 'vitest';
import { MAPPING_VERSION } from '../../../../../src/backends/elasticsearch/stores/mappings.ts';
import { probeIndices } from '../../../../../src/backends/elasticsearch/stores/write-probe.ts';
import type { WireReply, WireRequest } from '../../../../../src/backends/elasticsearch/wire.ts';
import type { StoreUse } from '../../../../../src/core/stored.ts';
import { answered, linesOf, refused, scriptedWire, searched } from '../../../../support/elasticsearch-backend/scripted-wire.ts';

const NOW = Date.UTC(2026, 0, 10, 12);
const options = { prefix: 'tocsin-', replicas: undefined, refreshInterval: 1_000 };
const RECEIVED = 'tocsin-received-alerts';
const mapped = answered({ index: { mappings: { _meta: { tocsin_mapping_version: MAPPING_VERSION } } } });
const noShard = refused(503, 'no_shard_available_action_exception', 'no shard');

/** A cluster in which one index breaks at one kind of request. */
function cluster(breaks: 'mapping' | 'write' | 'search' | 'nothing') {
  const isOf = (request: WireRequest) =>
    request.path.includes(RECEIVED) || linesOf(request).some((line) => JSON.stringify(line).includes(RECEIVED));
  return scriptedWire((request): WireReply => {
    if (request.path.endsWith('/_mapping')) return breaks === 'mapping' && isOf(request) ? noShard : mapped;
    if (request.path.endsWith('/_search')) return breaks === 'search' && isOf(request) ? noShard : answered(searched({}));
    return answered({ errors: false, items: linesOf(request).flatMap((line) => itemOf(line, breaks) ?? []) });
  });
}

function itemOf(line: Readonly<Record<string, unknown>>, breaks: string): object | undefined {
  const [kind, target] = Object.entries(line)[0] ?? [];
  if (kind !== 'index' && kind !== 'delete') return undefined;
  const { _index, _id } = target as { readonly _index: string; readonly _id: string };
  const error = { type: 'cluster_block_exception', reason: 'blocked' };
  const broken = breaks === 'write' && _index === RECEIVED;
  return { [kind]: { _index, _id, ...(broken ? { status: 403, error } : { status: 200, _seq_no: 1, _primary_term: 1 }) } };
}

async function failing(breaks: Parameters<typeof cluster>[0], use?: StoreUse): Promise<readonly string[]> {
  const { state } = await probeIndices(cluster(breaks), options, NOW, use);
  return [...state].flatMap(([name, failure]) => (failure === undefined ? [] : [name]));
}

describe('the index of received alerts', () => {
  it.each(['mapping', 'write', 'search'] as const)(
    'whose %s fails is a failing store only where alerts are received',
    async (breaks) => {
      expect(await failing('nothing', { received: true })).toEqual([]);
      expect(await failing(breaks, { received: true })).toContain(RECEIVED);
      expect(await failing(breaks)).toContain(RECEIVED);
      expect(await failing(breaks, { received: false })).toEqual([]);
    },
  );

  it('is not asked about where no alerts are received', async () => {
    const wire = cluster('nothing');
    const { state } = await probeIndices(wire, options, NOW, { received: false });
    expect([...state.keys()]).toEqual(
      ['rules', 'alert-groups', 'leases', 'silences', 'acknowledgements'].map((kind) => `tocsin-${kind}`),
    );
    expect(JSON.stringify(wire.requests)).not.toContain(RECEIVED);
  });
});
