import { describe, expect, it } from 'vitest';
import {
  ensureIndex,
  ensureIndices,
  pruneRuns,
  runsIndexName,
} from '../../../../../src/backends/elasticsearch/stores/indices.ts';
import { MAPPING_VERSION } from '../../../../../src/backends/elasticsearch/stores/mappings.ts';
import type { WireReply, WireRequest } from '../../../../../src/backends/elasticsearch/wire.ts';
import { answered, refused, scriptedWire } from '../../../../support/elasticsearch-backend/scripted-wire.ts';

const NEWER = new RegExp(`mapping version ${MAPPING_VERSION + 1}, this Tocsin supports ${MAPPING_VERSION}: .* upgrade this one`);

const options = { prefix: 'tocsin-', replicas: undefined, refreshInterval: 1_000 };
const missing = refused(404, 'index_not_found_exception', 'no such index [tocsin-rules]');
const unreadable = refused(503, 'no_shard_available_action_exception', 'no shard');
const mapped = (version: unknown) =>
  answered({ 'tocsin-rules-000002': { mappings: { _meta: { tocsin_mapping_version: version } } } });

function ensure(...replies: readonly WireReply[]) {
  const wire = scriptedWire((_request, sent) => replies[sent - 1] ?? answered({}, 500));
  return { wire, made: ensureIndex(wire, options, 'rules', 'tocsin-rules') };
}

const said = (requests: readonly WireRequest[]) => requests.map(({ method, path }) => `${method} ${path}`);

describe('an index of Tocsin', () => {
  it('that is missing is made with its mapping and all that safety needs', async () => {
    const { wire, made } = ensure(missing, answered({ acknowledged: true }));
    expect(await made).toEqual({ ok: true, value: undefined });
    expect(said(wire.requests)).toEqual(['GET /tocsin-rules/_mapping', 'PUT /tocsin-rules']);
    expect(wire.requests[1]?.body).toMatchObject({
      settings: {
        index: { number_of_shards: 1, auto_expand_replicas: '0-1', refresh_interval: '1000ms', 'translog.durability': 'request' },
      },
      mappings: {
        dynamic: false,
        _meta: { tocsin_mapping_version: MAPPING_VERSION },
        properties: { hasOutbox: { type: 'boolean' }, body: { enabled: false } },
      },
    });
  });

  it('that another replica makes at the same moment is taken as it is', async () => {
    const { made } = ensure(missing, refused(400, 'resource_already_exists_exception', 'index exists'), mapped(MAPPING_VERSION));
    expect(await made).toEqual({ ok: true, value: undefined });
  });

  it('that is there is left alone', async () => {
    const { wire, made } = ensure(mapped(MAPPING_VERSION));
    expect(await made).toEqual({ ok: true, value: undefined });
    expect(wire.requests).toHaveLength(1);
  });

  it('of an older Tocsin gets the new mapping', async () => {
    const { wire, made } = ensure(mapped(0), answered({ acknowledged: true }));
    expect(await made).toEqual({ ok: true, value: undefined });
    expect(said(wire.requests)[1]).toBe('PUT /tocsin-rules/_mapping');
  });

  it.each([
    ['of a newer Tocsin', [mapped(MAPPING_VERSION + 1)], NEWER],
    ['of someone else', [mapped(undefined)], /was not created by Tocsin/],
    [
      'that may not be made',
      [missing, refused(403, 'security_exception', 'action is unauthorized')],
      /index tocsin-rules: .*unauthorized/,
    ],
    ['of a cluster that is away', [{ kind: 'unreachable', message: 'connection refused' }], /connection refused/],
  ] as const)('%s is refused clearly', async (_name, replies, message) => {
    expect(await ensure(...replies).made).toEqual({ ok: false, message: expect.stringMatching(message) });
  });

  it('is one of those that exist from the start', async () => {
    const wire = scriptedWire(() => mapped(MAPPING_VERSION));
    expect(await ensureIndices(wire, options)).toEqual({ ok: true, value: undefined });
    const state = ['rules', 'alert-groups', 'leases', 'silences', 'acknowledgements', 'received-alerts'];
    const names = [...state, 'alerts', 'notifications'];
    expect(said(wire.requests).sort()).toEqual(names.map((name) => `GET /tocsin-${name}/_mapping`).sort());
  });

  it('of received alerts is neither looked at nor made where none are received', async () => {
    const script = () => scriptedWire(({ path }) => (path.includes('received') ? unreadable : mapped(MAPPING_VERSION)));
    expect(await ensureIndices(script(), options)).toMatchObject({ ok: false });
    const wire = script();
    expect(await ensureIndices(wire, options, { received: false })).toEqual({ ok: true, value: undefined });
    expect(said(wire.requests).filter((request) => request.includes('received'))).toEqual([]);
    expect(wire.requests).toHaveLength(7);
  });
});

describe('run indices', () => {
  it('are named by their day in UTC', () => {
    expect(runsIndexName(options, Date.UTC(2026, 0, 9, 23, 59, 59, 999))).toBe('tocsin-runs-2026.01.09');
  });

  it('are deleted by name, once their day ended; what only looks alike is kept', async () => {
    const names = [
      'tocsin-runs-2026.01.08',
      'tocsin-runs-2026.01.07',
      'tocsin-runs-2026.01.09',
      'tocsin-runs-2025',
      'tocsin-runs-2024.01.01-copy',
    ];
    const wire = scriptedWire(({ method }) =>
      method === 'GET' ? answered({ indices: names.map((name) => ({ name })) }) : answered({}),
    );
    const pruned = await pruneRuns(wire, options, Date.UTC(2026, 0, 9));
    expect(pruned).toEqual(['tocsin-runs-2026.01.07', 'tocsin-runs-2026.01.08']);
    expect(said(wire.requests).slice(1)).toEqual(pruned.map((name) => `DELETE /${name}`));
  });
});
