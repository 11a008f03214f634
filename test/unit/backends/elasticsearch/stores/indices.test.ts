import { describe, expect, it } from 'vitest';
import {
  ensureEach,
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
const mappings = (version: unknown) => ({ mappings: { _meta: { tocsin_mapping_version: version } } });
const mapped = (version: unknown) => answered({ 'tocsin-rules-000002': mappings(version) });

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

  it('is one of those that exist from the start, all of which one request finds', async () => {
    const names = [
      ...['rules', 'alert-groups', 'leases', 'silences', 'acknowledgements', 'received-alerts'],
      'alerts',
      'notifications',
    ];
    const whole = names.map((name) => `tocsin-${name}`);
    const wire = scriptedWire(() => answered(Object.fromEntries(whole.map((name) => [name, mappings(MAPPING_VERSION)]))));
    expect(await ensureIndices(wire, options)).toEqual({ ok: true, value: undefined });
    expect(said(wire.requests)).toEqual([`GET /${encodeURIComponent(whole.join(','))}/_mapping`]);
    expect(wire.requests[0]?.query).toMatchObject({ ignore_unavailable: true });
  });

  it('is looked at by itself where it is missing, older, newer, of someone else or behind an alias', async () => {
    const found = {
      'tocsin-alert-groups': mappings(0),
      'tocsin-leases': mappings(MAPPING_VERSION + 1),
      'tocsin-silences': {},
      'tocsin-rules-000002': mappings(MAPPING_VERSION),
    };
    const wanted = (['rules', 'alert-groups', 'leases', 'silences', 'acknowledgements'] as const).map((kind) => ({
      kind,
      index: `tocsin-${kind}`,
    }));
    const wire = scriptedWire(({ method, path }) => {
      if (method === 'PUT') return answered({ acknowledged: true });
      if (path.includes('%2C')) return answered(found);
      if (path.includes('acknowledgements')) return missing;
      if (path.includes('rules')) return mapped(MAPPING_VERSION);
      return answered(Object.fromEntries(Object.entries(found).filter(([name]) => path.includes(name))));
    });
    const made = await ensureEach(wire, options, wanted);
    expect(made.map(({ ok }) => ok)).toEqual([true, true, false, false, true]);
    expect(
      said(wire.requests)
        .filter((request) => request.startsWith('PUT'))
        .sort(),
    ).toEqual(['PUT /tocsin-acknowledgements', 'PUT /tocsin-alert-groups/_mapping']);
  });

  it('is looked at by itself where the cluster refuses to say it of all', async () => {
    const blocked = refused(403, 'cluster_block_exception', 'index [tocsin-rules] blocked');
    const wire = scriptedWire(({ path }) => (path.includes('rules') ? blocked : mapped(MAPPING_VERSION)));
    const wanted = (['rules', 'silences'] as const).map((kind) => ({ kind, index: `tocsin-${kind}` }));
    expect((await ensureEach(wire, options, wanted)).map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('is looked at once where the cluster does not answer', async () => {
    const wire = scriptedWire(() => ({ kind: 'timeout', message: 'no answer within 15s' }));
    expect(await ensureIndices(wire, options)).toEqual({ ok: false, message: expect.stringContaining('no answer within 15s') });
    expect(wire.requests).toHaveLength(1);
  });

  it('of received alerts is neither looked at nor made where none are received', async () => {
    const script = () => scriptedWire(({ path }) => (path.includes('received') ? unreadable : mapped(MAPPING_VERSION)));
    expect(await ensureIndices(script(), options)).toMatchObject({ ok: false });
    const wire = script();
    expect(await ensureIndices(wire, options, { received: false })).toEqual({ ok: true, value: undefined });
    expect(said(wire.requests).filter((request) => request.includes('received'))).toEqual([]);
    expect(wire.requests).toHaveLength(1 + 7);
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
