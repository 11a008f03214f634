import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import type { DoctorCheck } from '../../src/cli/doctor/check.ts';
import { clocksCheck } from '../../src/cli/doctor/clocks.ts';
import { examine } from '../../src/cli/doctor/examine.ts';
import { nodesCheck } from '../../src/cli/doctor/nodes.ts';
import { privilegesCheck } from '../../src/cli/doctor/privileges.ts';
import { DOCTOR_CHECKS } from '../../src/cli/doctor/registry.ts';
import { stateCheck } from '../../src/cli/doctor/state.ts';
import type { ElasticsearchConfig } from '../../src/config/config.ts';
import { secret } from '../../src/core/secret.ts';
import type { CheckResult } from '../../src/reports/doctor/doctor-report.ts';
import { ruleDocument, silence } from '../contract/support/stored-documents.ts';
import { doctorContext, plainConfig } from '../support/cli/doctor-context.ts';
import { type ElasticsearchNode, startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';
import { findRelease } from '../support/elasticsearch/versions.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { groupsQuery } from '../support/elasticsearch-backend/queries.ts';
import { testRule } from '../support/engine/test-rule.ts';

/** The rights that a deployment gives, as the file says from which its key is made. */
const { role_descriptors: LEAST } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../deploy/tocsin/api-key/api-key.json'), 'utf8'),
) as { readonly role_descriptors: object };

const ADMIN = { kind: 'basic', username: 'elastic', password: secret('sesame-opens') } as const;
const START = Date.UTC(2026, 0, 10);
const window = { from: START, to: START + 60_000 };
const { signal } = new AbortController();

let node: ElasticsearchNode;
let cluster: ReturnType<typeof es>;
beforeAll(async () => {
  const { version } = findRelease(process.env['TOCSIN_TEST_ES']);
  node = await startElasticsearch({ version, password: 'sesame-opens' });
  cluster = es(node.url, node.authorization);
});
afterAll(() => node?.stop());

describe('an API key that may read everything of Tocsin and write all but one index', () => {
  it('is a store that cannot be written, for the sake of that index', async () => {
    const admin = elasticsearchBackend(testConfig(node.url, { auth: ADMIN }), { namespace: 'partly' });
    expect(await admin.ensureIndices()).toMatchObject({ ok: true });
    await admin.close();
    const others = [
      'rules',
      'leases',
      'silences',
      'acknowledgements',
      'received-alerts',
      'alerts',
      'notifications',
      'runs-*',
    ].map((kind) => `tocsin-${kind}`);
    const role_descriptors = {
      partly: {
        cluster: ['monitor'],
        index: [
          { names: ['tocsin-*'], privileges: ['read', 'view_index_metadata', 'create_index'] },
          { names: others, privileges: ['all'] },
        ],
      },
    };
    const key = await cluster.json('POST', '/_security/api_key', { name: 'partly', role_descriptors });
    const auth = { kind: 'apiKey', apiKey: secret(String(key['encoded'])) } as const;
    const backend = elasticsearchBackend(testConfig(node.url, { auth }), { namespace: 'partly' });
    const { state } = await backend.probe(START);
    expect([...state].flatMap(([name, failure]) => (failure === undefined ? [] : [[name, failure.kind]]))).toEqual([
      ['tocsin-alert-groups', 'unwritable'],
    ]);
    expect(state.get('tocsin-alert-groups')?.message).toContain('security_exception');
    await backend.close();
  });
});

describe('an API key with the least rights', () => {
  it('is enough for searching and for all stores, and stops where it ends', async () => {
    for (const name of ['logs-web', 'secret-web']) await cluster.bulk(name, [{ '@timestamp': new Date(START).toISOString() }]);
    const key = await cluster.json('POST', '/_security/api_key', { name: 'least', role_descriptors: LEAST });

    const auth = { kind: 'apiKey', apiKey: secret(String(key['encoded'])) } as const;
    const backend = elasticsearchBackend(testConfig(node.url, { auth }), { namespace: 'least' });
    expect(await backend.ensureIndices()).toEqual({ ok: true, value: undefined });
    expect(await backend.ensureIndices()).toEqual({ ok: true, value: undefined });

    const source = (name: string) => ({ source: { ...groupsQuery().source, indices: [name] }, window });
    const queries = ['logs-web', 'logs-*', 'secret-web', 'secret-*'].map((name) => groupsQuery(source(name)));
    const answers = await backend.search.ask(queries, signal);
    const notified = answers.map((answer) => (answer.kind === 'failed' ? answer.problem.code : answer.matched));
    expect(notified).toEqual([1, 1, 'unauthorized', 'no_index']);

    const document = ruleDocument('checkout', { hasOutbox: true });
    expect(await backend.ruleStates.save([{ id: 'checkout', document, version: undefined }])).toMatchObject([{ kind: 'saved' }]);
    expect(await backend.ruleStates.load(['checkout'], new Map())).toMatchObject({ ok: true });
    for (const answer of [
      await backend.ruleStates.outboxes(1),
      await backend.alertGroups.due(0, 1),
      await backend.leases.load(),
      await backend.silences.put(silence('s', 0, 1)),
      await backend.silences.list(0),
    ]) {
      expect(answer).toMatchObject({ ok: true });
    }
    expect(await backend.history.write([{ index: 'runs', id: 'r', at: START, body: { '@timestamp': START } }])).toBe(1);
    expect(await backend.history.prune(START + 3 * 86_400_000)).toEqual(['tocsin-runs-2026.01.10']);
    const probe = await backend.probe(START);
    expect([...probe.state, ...probe.history].filter(([, failure]) => failure !== undefined)).toEqual([]);
    expect(await cluster.json('PUT', '/_cluster/settings', { persistent: { 'cluster.blocks.read_only': true } })).toBeDefined();
    const blocked = await backend.probe(START);
    expect([...blocked.state.values()].map((failure) => failure?.kind)).toEqual(Array(6).fill('unwritable'));
    await cluster.json('PUT', '/_cluster/settings', { persistent: { 'cluster.blocks.read_only': null } });
    await backend.close();

    const wrong = { kind: 'apiKey', apiKey: secret(Buffer.from('nobody:nothing-at-all').toString('base64')) } as const;
    const stranger = elasticsearchBackend(testConfig(node.url, { auth: wrong }), { namespace: 'least' });
    const [answer] = await stranger.search.ask([groupsQuery(source('logs-*'))], signal);
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'unauthorized' } });
    expect(JSON.stringify(answer)).not.toContain(wrong.apiKey.reveal());
    expect(await stranger.ruleStates.save([{ id: 'x', document, version: undefined }])).toMatchObject([{ kind: 'refused' }]);
    expect(await stranger.info()).toMatchObject({ ok: false, problem: { code: 'unauthorized' } });
    await stranger.close();
  });
});

describe('the doctor', () => {
  const keyWith = async (role: object): Promise<ElasticsearchConfig['auth']> => {
    const key = await cluster.json('POST', '/_security/api_key', { name: 'doctor', role_descriptors: { tocsin: role } });
    return { kind: 'apiKey', apiKey: secret(String(key['encoded'])) };
  };
  const results = async (auth: ElasticsearchConfig['auth'], checks: readonly DoctorCheck[]) => {
    const config = { ...(await plainConfig()), elasticsearch: testConfig(node.url, { auth }) };
    const backend = elasticsearchBackend(config.elasticsearch, { namespace: 'doctor' });
    try {
      const parts = await examine(checks, doctorContext(config, backend, [testRule({ name: 'web', index: 'logs-web' })]), signal);
      expect(JSON.stringify(parts)).not.toContain(auth.kind === 'apiKey' ? auth.apiKey.reveal() : 'sesame-opens');
      return parts.flatMap((part) => part.results);
    } finally {
      await backend.close();
    }
  };
  const lines = (all: readonly CheckResult[]) => all.map(({ severity, subject, found }) => `${severity} ${subject}: ${found}`);

  it('names exactly the privileges that are missing, and its fix gives them all', async () => {
    const lacking = {
      indices: [
        { names: ['tocsin-*'], privileges: ['read'] },
        { names: ['logs-w*'], privileges: ['read'] },
      ],
    };
    const found = await results(await keyWith(lacking), [privilegesCheck]);
    expect(lines(found)).toEqual([
      'warning cluster: the privilege monitor is missing',
      'error tocsin-*: missing: write, manage',
      'warning logs-*: missing: read, view_index_metadata',
      'error logs-web: missing: view_index_metadata',
    ]);
    const body = JSON.parse(found.at(-1)?.fix?.split('\n')[1] ?? '{}');
    const fixed = await results(await keyWith(body.role_descriptors.tocsin), [
      privilegesCheck,
      clocksCheck,
      stateCheck,
      nodesCheck,
    ]);
    expect(lines(fixed)).toEqual([
      'good privileges: complete, on 3 patterns and the cluster',
      expect.stringMatching(/^good Elasticsearch: agrees with this machine within/),
      expect.stringMatching(/^(?:good|note) tocsin-\*: /),
      expect.stringMatching(/^good http:\S+: \d+\.\d+\.\d+, cluster/),
      'good login: API key doctor of elastic is accepted',
    ]);
  });

  it('makes nothing, and says what it could not look at', async () => {
    const before = await cluster.json('GET', '/_resolve/index/*');
    const nothing = await keyWith({ indices: [{ names: ['elsewhere'], privileges: ['read'] }] });
    const found = await results(nothing, DOCTOR_CHECKS);
    expect(found.filter(({ severity }) => severity === 'error').map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['tocsin-*', 'logs-web']),
    );
    expect(await cluster.json('GET', '/_resolve/index/*')).toEqual(before);
  });

  it('says that a login is not known, and takes a superuser for more than is needed', async () => {
    const wrong = { kind: 'apiKey', apiKey: secret(Buffer.from('nobody:nothing-at-all').toString('base64')) } as const;
    const [stranger] = await results(wrong, [nodesCheck]);
    expect(stranger).toMatchObject({ severity: 'error', fix: expect.stringContaining('renew the api_key') });
    const elastic = { kind: 'basic', username: 'elastic', password: secret('sesame-opens') } as const;
    expect(lines(await results(elastic, [nodesCheck]))).toContain('warning login: user elastic has all privileges');
  });
});
