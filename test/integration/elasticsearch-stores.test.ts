import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BackendOptions, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import type { Saved, StoreAnswer } from '../../src/core/stored.ts';
import { alertGroupDocument, ruleDocument, silence } from '../contract/support/stored-documents.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { proxyTo } from '../support/elasticsearch-backend/proxy.ts';

const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
const opened: ReturnType<typeof elasticsearchBackend>[] = [];

function open(namespace: string, url = elasticsearchUrl(), options: Partial<BackendOptions> = {}) {
  const backend = elasticsearchBackend(testConfig(url), { namespace, indexPrefix: prefix, replicas: 0, ...options });
  opened.push(backend);
  return backend;
}

function value<T>(answer: StoreAnswer<T>): T {
  if (!answer.ok) throw new Error(`the store did not answer: ${answer.message}`);
  return answer.value;
}

const kinds = (saved: readonly Saved[]) => saved.map(({ kind }) => kind);
const create = (id: string, n = 1) => ({ id, document: ruleDocument(id, { n }), version: undefined });
const none = new Map();

beforeAll(async () => {
  value(await open('setup').ensureIndices());
});

afterAll(async () => {
  await Promise.all(opened.map((backend) => backend.close()));
  await cluster.removeIndices(prefix);
});

describe('a write whose answer is lost', () => {
  it('is unclear though it was applied, is found by a read, and cannot be applied twice', async () => {
    await using proxy = await proxyTo(elasticsearchUrl());
    const { ruleStates } = open('lost-answer', proxy.url);
    proxy.decide((path) => (path.includes('_bulk') ? 'lose the answer' : 'pass'));
    expect(kinds(await ruleStates.save([create('checkout')]))).toEqual(['unclear']);
    proxy.decide(() => 'pass');
    expect(value(await ruleStates.load(['checkout'], none)).get('checkout')?.document.n).toBe(1);
    expect(kinds(await ruleStates.save([create('checkout', 2)]))).toEqual(['conflict']);
  });

  it('replaces nothing when it is repeated with the version of before', async () => {
    await using proxy = await proxyTo(elasticsearchUrl());
    const { alertGroups } = open('lost-again', proxy.url);
    await alertGroups.save([{ id: 'c', document: alertGroupDocument({ due: 1 }), version: undefined }]);
    const version = value(await alertGroups.load(['c'])).get('c')?.version;
    proxy.decide((path) => (path.includes('_bulk') ? 'lose the answer' : 'pass'));
    expect(kinds(await alertGroups.save([{ id: 'c', document: alertGroupDocument({ due: 2 }), version }]))).toEqual(['unclear']);
    proxy.decide(() => 'pass');
    expect(kinds(await alertGroups.save([{ id: 'c', document: alertGroupDocument({ due: 3 }), version }]))).toEqual(['conflict']);
    expect(value(await alertGroups.load(['c'])).get('c')?.document.due).toBe(2);
  });

  it('is unclear as well when it never arrived, and was not applied behind our back by a repetition', async () => {
    await using proxy = await proxyTo(elasticsearchUrl());
    const { ruleStates } = open('lost-request', proxy.url);
    proxy.decide(() => 'lose the request');
    expect(kinds(await ruleStates.save([create('checkout')]))).toEqual(['unclear']);
    expect(await ruleStates.load(['checkout'], none)).toMatchObject({ ok: false });
    proxy.decide(() => 'pass');
    expect(value(await ruleStates.load(['checkout'], none)).size).toBe(0);
  });
});

describe('documents', () => {
  it('whose texts are larger than a request are saved all the same', async () => {
    const { ruleStates } = open('large');
    const memory = 'x'.repeat(2_000_000);
    const writes = ['a', 'b', 'c', 'd'].map((id) => ({ id, document: ruleDocument(id, { memory }), version: undefined }));
    expect(kinds(await ruleStates.save(writes))).toEqual(['saved', 'saved', 'saved', 'saved']);
    const loaded = value(await ruleStates.load(['a', 'b', 'c', 'd'], none));
    expect([...loaded.values()].map(({ document }) => document.memory)).toEqual([memory, memory, memory, memory]);
  });

  it('with ids longer than Elasticsearch takes are kept apart and listed by their own ids', async () => {
    const { ruleStates } = open('long-ids');
    const ids = ['a', 'b'].map((end) => 'ü'.repeat(400) + end);
    expect(kinds(await ruleStates.save(ids.map((id, n) => create(id, n))))).toEqual(['saved', 'saved']);
    expect([...value(await ruleStates.load(ids, none))].map(([id, { document }]) => [id, document.n])).toEqual([
      [ids[0], 0],
      [ids[1], 1],
    ]);
    await cluster.refresh(`${prefix}rules`);
    expect(value(await ruleStates.list(10))).toEqual(ids);
  });

  it('show people what they are for without opening the state', async () => {
    await open('shown').ruleStates.save([{ id: 'r', document: ruleDocument('r', { hasOutbox: true }), version: undefined }]);
    const found = await cluster.json('GET', `/${prefix}rules/_doc/shown:r`);
    expect(found['_source']).toMatchObject({
      namespace: 'shown',
      id: 'r',
      hasOutbox: true,
      body: { rule: 'r', evaluated_through: 120_000 },
    });
  });

  it('that someone edited by hand are named, and the others can be read without them', async () => {
    const { ruleStates } = open('edited');
    await ruleStates.save([create('good'), create('bad')]);
    await cluster.json('PUT', `/${prefix}rules/_doc/edited:bad`, { namespace: 'edited', id: 'bad', body: { v: 1, rule: 'bad' } });
    const answer = await ruleStates.load(['good', 'bad'], none);
    expect(answer).toEqual({
      ok: false,
      message: expect.stringContaining(`edited:bad of ${prefix}rules is invalid`),
      unreadable: new Map([['bad', expect.any(String)]]),
      replaceable: new Map([['bad', expect.anything()]]),
    });
    expect(value(await ruleStates.load(['good'], none)).size).toBe(1);
  });

  it('of an index that may not be written are refused, and none is unclear', async () => {
    const { ruleStates } = open('blocked', undefined, { indexPrefix: `${prefix}blocked-` });
    value(await open('blocked', undefined, { indexPrefix: `${prefix}blocked-` }).ensureIndices());
    await cluster.json('PUT', `/${prefix}blocked-rules/_settings`, { 'index.blocks.write': true });
    const [saved] = await ruleStates.save([create('checkout')]);
    expect(saved).toMatchObject({ kind: 'refused', message: expect.stringContaining('cluster_block_exception') });
  });
});

describe('the indices', () => {
  const other = (name: string) => open(name, undefined, { indexPrefix: `${prefix}${name}-` });

  it('may be made by two at once, and again by those who find them there', async () => {
    const made = await Promise.all([other('race').ensureIndices(), other('race').ensureIndices()]);
    expect(made).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: undefined },
    ]);
    expect(await other('race').ensureIndices()).toEqual({ ok: true, value: undefined });
  });

  it('map nothing that a document brings along', async () => {
    const { history } = open('setup');
    const body = { '@timestamp': '2026-01-10T10:00:00.000Z', 'surprise.field': 1, tocsin: { status: 'firing' } };
    expect(await history.write([{ index: 'alerts', id: 'e1', at: 0, body }])).toBe(1);
    const mapping = await cluster.json<Record<string, { mappings: { properties: object } }>>('GET', `/${prefix}alerts/_mapping`);
    expect(mapping[`${prefix}alerts`]?.mappings.properties).not.toHaveProperty('surprise');
    await cluster.refresh(`${prefix}alerts`);
    expect(await cluster.json('GET', `/${prefix}alerts/_count?q=tocsin.status:firing`)).toMatchObject({ count: 1 });
  });

  it('are made again with their mapping by the first read after someone deleted them', async () => {
    const backend = other('deleted');
    value(await backend.ensureIndices());
    await cluster.json('DELETE', `/${prefix}deleted-rules,${prefix}deleted-alert-groups`);
    expect(value(await backend.ruleStates.load(['checkout'], none)).size).toBe(0);
    expect(value(await backend.alertGroups.due(0, 10))).toEqual({ ids: [], next: undefined });
    expect(kinds(await backend.ruleStates.save([create('checkout')]))).toEqual(['saved']);
    const mapping = await cluster.json<Record<string, { mappings: object }>>('GET', `/${prefix}deleted-rules/_mapping`);
    expect(mapping[`${prefix}deleted-rules`]?.mappings).toMatchObject({
      dynamic: 'false',
      properties: { hasOutbox: { type: 'boolean' } },
    });
  });

  it('of an older Tocsin are brought up to date, and take what they refused before', async () => {
    const properties = { '@timestamp': { type: 'date' }, tocsin: { type: 'flattened' } };
    const mappings = { dynamic: false, _meta: { tocsin_mapping_version: 1 }, properties };
    await cluster.json('PUT', `/${prefix}older-alerts`, { mappings });
    const { history, ensureIndices } = other('older');
    const body = { '@timestamp': '2026-01-10T10:00:00.000Z', tocsin: { text: 'x'.repeat(40_000) } };
    expect(await history.write([{ index: 'alerts', id: 'e1', at: 0, body }])).toBe(0);
    expect(await ensureIndices()).toEqual({ ok: true, value: undefined });
    expect(await history.write([{ index: 'alerts', id: 'e1', at: 0, body }])).toBe(1);
  });

  it('of a newer Tocsin are refused, and those of someone else', async () => {
    const mappings = { _meta: { tocsin_mapping_version: 99 } };
    await cluster.json('PUT', `/${prefix}newer-rules`, { mappings });
    await cluster.json('PUT', `/${prefix}stranger-rules`, {});
    expect(await other('newer').ensureIndices()).toEqual({
      ok: false,
      message: expect.stringMatching(/mapping version 99.*upgrade this one/),
    });
    expect(await other('stranger').ensureIndices()).toEqual({
      ok: false,
      message: expect.stringMatching(/was not created by Tocsin/),
    });
  });

  it('may be called otherwise, behind an alias', async () => {
    const backend = other('aliased');
    value(await backend.ensureIndices());
    await cluster.json('DELETE', `/${prefix}aliased-silences`);
    const { mappings } =
      (await cluster.json<Record<string, { mappings: object }>>('GET', `/${prefix}silences/_mapping`))[`${prefix}silences`] ?? {};
    await cluster.json('PUT', `/${prefix}restored-1`, { mappings, aliases: { [`${prefix}aliased-silences`]: {} } });
    expect(await backend.ensureIndices()).toEqual({ ok: true, value: undefined });
    expect(await backend.silences.put(silence('s', 0, 10))).toEqual({ ok: true, value: undefined });
    expect(value(await backend.silences.list(5))).toEqual([silence('s', 0, 10)]);
  });
});

describe('a cluster that is away', () => {
  it('is no empty answer to any store', async () => {
    const { ruleStates, alertGroups, silences, leases, history, ensureIndices } = open('away', 'http://127.0.0.1:9');
    const answers = [
      await ruleStates.load(['a'], none),
      await ruleStates.list(1),
      await ruleStates.outboxes(1),
      await alertGroups.load(['a']),
      await alertGroups.due(0, 1),
      await silences.list(0),
      await silences.put(silence('s', 0, 1)),
      await leases.load(),
      await ensureIndices(),
    ];
    expect(answers.map((answer) => answer.ok)).toEqual(answers.map(() => false));
    expect(kinds(await ruleStates.save([create('a'), create('b')]))).toEqual(['unclear', 'unclear']);
    expect(await history.write([{ index: 'runs', id: 'r', at: 0, body: {} }])).toBe(0);
    expect(await history.prune(0)).toEqual([]);
  });
});
