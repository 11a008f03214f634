import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { MAPPING_VERSION } from '../../src/backends/elasticsearch/stores/mappings.ts';
import { PROBE_ID } from '../../src/backends/elasticsearch/stores/write-probe.ts';
import type { IndexFailure, StoreProbe } from '../../src/core/stored.ts';
import { alertGroupDocument, ruleDocument } from '../contract/support/stored-documents.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { proxyTo } from '../support/elasticsearch-backend/proxy.ts';
import { tried } from '../support/thorough.ts';

const NOW = Date.UTC(2026, 0, 10, 12);
const STATE = ['rules', 'alert-groups', 'leases', 'silences', 'acknowledgements', 'received-alerts'];
const HISTORY = ['alerts', 'notifications', 'runs-*'];
const cluster = es(elasticsearchUrl());

let prefix: string;
let backend: ElasticsearchBackend;

async function openStore(): Promise<void> {
  prefix = uniquePrefix();
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'probe', indexPrefix: prefix, replicas: 0 });
  expect(await backend.ensureIndices()).toMatchObject({ ok: true });
}

async function removeStore(): Promise<void> {
  await backend.close();
  // A block of metadata would keep the index for ever.
  await unblock();
  await cluster.removeIndices(prefix);
}

const unblock = () =>
  cluster
    .json('PUT', `/${prefix}*/_settings?expand_wildcards=all`, {
      'index.blocks.read_only': null,
      'index.blocks.read_only_allow_delete': null,
      'index.blocks.write': null,
    })
    .catch(() => undefined);

const settings = (kind: string, changes: object) => cluster.json('PUT', `/${prefix}${kind}/_settings`, changes);
const nameOf = (kind: string) => `${prefix}${kind}`;

/** What is wrong, by what follows the prefix: `{ rules: 'unwritable' }`. */
function failures({ state, history }: StoreProbe): Readonly<Record<string, IndexFailure['kind']>> {
  const all = [...state, ...history].flatMap(([name, failure]) =>
    failure === undefined ? [] : [[name.slice(prefix.length), failure.kind] as const],
  );
  return Object.fromEntries(all);
}

describe('a probe of a store of its own', () => {
  beforeEach(openStore);
  afterEach(removeStore);

  it('finds nothing wrong, names every index, and leaves nothing that a search of Tocsin finds', async () => {
    const probe = await backend.probe(NOW);
    expect([...probe.state]).toEqual(STATE.map((kind) => [nameOf(kind), undefined]));
    expect([...probe.history]).toEqual(HISTORY.map((kind) => [nameOf(kind), undefined]));
    expect(await backend.probe(NOW + 1)).toEqual(probe);
    for (const kind of STATE) await cluster.refresh(nameOf(kind));
    expect(await backend.ruleStates.list(10)).toEqual({ ok: true, value: [] });
    expect(await backend.ruleStates.outboxes(10)).toEqual({ ok: true, value: [] });
    expect(await backend.alertGroups.due(NOW * 2, 10)).toEqual({ ok: true, value: { ids: [], next: undefined } });
    expect(await backend.alertGroups.quiet(10)).toEqual({ ok: true, value: [] });
    expect(await backend.leases.load()).toEqual({ ok: true, value: new Map() });
    expect(await backend.silences.list(0)).toEqual({ ok: true, value: [] });
    const counts = await Promise.all(
      ['rules', 'alerts', 'notifications', 'runs-2026.01.10'].map((kind) =>
        cluster.json<{ count: number }>('GET', `/${nameOf(kind)}/_count`),
      ),
    );
    expect(counts.map(({ count }) => count)).toEqual([1, 0, 0, 0]);
    const body = await cluster.json('GET', `/${nameOf('rules')}/_doc/${PROBE_ID}`);
    expect(body).toMatchObject({ found: true, _version: 2 });
  });

  it('makes an index that was deleted again, with its mapping', async () => {
    await cluster.json('DELETE', `/${nameOf('alert-groups')}`);
    expect(failures(await backend.probe(NOW))).toEqual({});
    const mapping = await cluster.json('GET', `/${nameOf('alert-groups')}/_mapping`);
    expect(JSON.stringify(mapping)).toContain('tocsin_mapping_version');
  });

  it('finds an index that another one stands in for, made without the mapping', async () => {
    await cluster.json('DELETE', `/${nameOf('rules')}`);
    await cluster.json('PUT', `/${nameOf('rules')}`, { settings: { number_of_replicas: 0 } });
    const probe = await backend.probe(NOW);
    expect(failures(probe)).toEqual({ rules: 'away' });
    expect(probe.state.get(nameOf('rules'))?.message).toContain('was not created by Tocsin');
  });

  const META = { _meta: { tocsin_mapping_version: MAPPING_VERSION } };
  it.each([
    ['a mapping that allows no other fields', { mappings: { ...META, dynamic: 'strict' } }],
    [
      'a limit of its fields',
      { mappings: { ...META, dynamic: true }, settings: { number_of_replicas: 0, 'index.mapping.total_fields.limit': 1 } },
    ],
    ['a pipeline that does not exist', { mappings: META, settings: { number_of_replicas: 0, default_pipeline: 'gone' } }],
  ])('finds %s', async (_name, made) => {
    await cluster.json('DELETE', `/${nameOf('rules')}`);
    await cluster.json('PUT', `/${nameOf('rules')}`, made);
    expect(failures(await backend.probe(NOW))).toEqual({ rules: 'unwritable' });
  });

  it('finds an alias of several indices of which none is written', async () => {
    await cluster.json('DELETE', `/${nameOf('rules')}`);
    for (const part of ['one', 'two'])
      await cluster.json('PUT', `/${nameOf(`old-${part}`)}`, {
        settings: { number_of_replicas: 0 },
        mappings: META,
        aliases: { [nameOf('rules')]: { is_write_index: false } },
      });
    expect(failures(await backend.probe(NOW))).toEqual({ rules: 'unwritable' });
  });

  it('finds an index whose primary shard is nowhere', async () => {
    await cluster.json('DELETE', `/${nameOf('alert-groups')}`);
    await cluster.json('PUT', `/${nameOf('alert-groups')}?wait_for_active_shards=0`, {
      settings: { number_of_replicas: 0, 'index.routing.allocation.require._name': 'no-such-node' },
      mappings: META,
    });
    const impatient = testConfig(elasticsearchUrl(), { requestTimeout: 5_000 });
    const other = elasticsearchBackend(impatient, { namespace: 'probe', indexPrefix: prefix, replicas: 0 });
    expect(failures(await other.probe(NOW))).toEqual({ 'alert-groups': 'away' });
    await other.close();
  });
});

describe('a probe of a store that is whole again afterwards', () => {
  beforeAll(openStore);
  afterEach(unblock);
  afterAll(removeStore);

  const blocks = ['read_only_allow_delete', 'read_only', 'write'];
  // Between them the blocks are tried on all indices.
  it.each(blocks.flatMap((block, place) => tried(STATE, place).map((kind) => [block, kind] as const)))(
    'finds the block %s of %s alone, and its end',
    async (block, kind) => {
      await settings(kind, { [`index.blocks.${block}`]: true });
      const probe = await backend.probe(NOW);
      expect(failures(probe)).toEqual({ [kind]: 'unwritable' });
      expect(probe.state.get(nameOf(kind))?.message).toContain(`[${nameOf(kind)}] blocked by`);
      const seen = await backend.inspection.stateIndices(new AbortController().signal);
      const blocked = seen.ok ? seen.value.indices.filter(({ blocks = [] }) => blocks.length > 0) : [];
      expect(blocked).toMatchObject([{ name: nameOf(kind), blocks: [block] }]);
      await settings(kind, { [`index.blocks.${block}`]: null });
      expect(failures(await backend.probe(NOW))).toEqual({});
    },
  );

  it('finds blocks of all indices at once, as Elasticsearch sets them when its disks are full', async () => {
    await backend.probe(NOW);
    await cluster.json('PUT', `/${prefix}*/_settings`, { 'index.blocks.read_only_allow_delete': true });
    expect(Object.keys(failures(await backend.probe(NOW))).sort()).toEqual([...STATE, ...HISTORY].sort());
    await cluster.json('PUT', `/${prefix}*/_settings`, { 'index.blocks.read_only_allow_delete': null });
    expect(failures(await backend.probe(NOW))).toEqual({});
  });

  it.each([...STATE, 'alerts', 'notifications'])('finds that %s is closed', async (kind) => {
    await cluster.json('POST', `/${nameOf(kind)}/_close`);
    expect(Object.keys(failures(await backend.probe(NOW)))).toEqual([kind]);
    await cluster.json('POST', `/${nameOf(kind)}/_open`);
    await cluster.json('GET', `/_cluster/health/${nameOf(kind)}?wait_for_status=yellow`);
    expect(failures(await backend.probe(NOW))).toEqual({});
  });

  it('finds blocks of the history apart from those of the state', async () => {
    await settings('alerts', { 'index.blocks.write': true });
    const probe = await backend.probe(NOW);
    expect([...probe.state.values()].filter((failure) => failure !== undefined)).toEqual([]);
    expect(probe.history.get(nameOf('alerts'))).toMatchObject({ kind: 'unwritable' });
  });
});

describe('a store whose answers do not come', () => {
  beforeAll(openStore);
  afterAll(removeStore);

  it.each([
    ['writes', '_bulk'],
    ['searches', '_search'],
  ])('is away when those of its %s are lost', async (_name, endpoint) => {
    await using proxy = await proxyTo(elasticsearchUrl());
    const slow = elasticsearchBackend(testConfig(proxy.url, { requestTimeout: 1_000 }), {
      namespace: 'probe',
      indexPrefix: prefix,
      replicas: 0,
    });
    proxy.decide((path) => (path.includes(endpoint) ? 'lose the answer' : 'pass'));
    const { state } = await slow.probe(NOW);
    expect([...state.values()].map((failure) => failure?.kind)).toEqual(STATE.map(() => 'away'));
    await slow.close();
  });
});

describe('a write that is refused', () => {
  beforeAll(openStore);
  afterAll(removeStore);

  it('is the problem of its index where the index takes no writes, and of one document where that is too large', async () => {
    const write = (id: string, size = 0) => ({
      id,
      document: ruleDocument(id, { memory: 'x'.repeat(size) }),
      version: undefined,
    });
    expect(await backend.ruleStates.save([write('a'), write('large', 40 * 1024 * 1024)])).toMatchObject([
      { kind: 'saved' },
      { kind: 'refused', message: expect.stringContaining('too large') },
    ]);
    await settings('rules', { 'index.blocks.write': true });
    const [blocked, large] = await backend.ruleStates.save([write('b'), write('large', 40 * 1024 * 1024)]);
    expect(blocked).toMatchObject({ kind: 'refused', of: 'index' });
    expect(large).not.toHaveProperty('of');
    await settings('alert-groups', { 'index.blocks.read_only_allow_delete': true });
    const alertGroup = { id: 'c', document: alertGroupDocument({}), version: undefined };
    expect(await backend.alertGroups.save([alertGroup])).toMatchObject([{ kind: 'refused', of: 'index' }]);
  });
});

describe('the clock of the cluster', () => {
  beforeAll(openStore);
  afterAll(removeStore);

  it.each([0, 90_000, -3_600_000])('is seen to be %i ms ahead of this machine', async (ahead) => {
    const by = await backend.clockAhead(() => Date.now() - ahead);
    expect(Math.abs((by ?? Number.NaN) - ahead)).toBeLessThan(5_000);
  });
});
