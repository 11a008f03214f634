import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { secret } from '../../src/core/secret.ts';
import { ruleDocument, silence } from '../contract/support/stored-documents.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';
import { findRelease } from '../support/elasticsearch/versions.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { groupsQuery } from '../support/elasticsearch-backend/queries.ts';

/** The rights that a deployment gives, as the file says from which its key is made. */
const { role_descriptors: LEAST } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../deploy/tocsin/api-key/api-key.json'), 'utf8'),
) as { readonly role_descriptors: object };

const START = Date.UTC(2026, 0, 10);
const window = { from: START, to: START + 60_000 };
const { signal } = new AbortController();

describe('an API key with the least rights', () => {
  it('is enough for searching and for all stores, and stops where it ends', async () => {
    const { version } = findRelease(process.env['TOCSIN_TEST_ES']);
    await using node = await startElasticsearch({ version, password: 'sesame-opens' });
    const cluster = es(node.url, node.authorization);
    for (const name of ['logs-web', 'secret-web']) await cluster.bulk(name, [{ '@timestamp': new Date(START).toISOString() }]);
    const key = await cluster.json('POST', '/_security/api_key', { name: 'least', role_descriptors: LEAST });

    const auth = { kind: 'apiKey', apiKey: secret(String(key['encoded'])) } as const;
    const backend = elasticsearchBackend(testConfig(node.url, { auth }), { namespace: 'least' });
    expect(await backend.ensureIndices()).toEqual({ ok: true, value: undefined });
    expect(await backend.ensureIndices()).toEqual({ ok: true, value: undefined });

    const source = (name: string) => ({ source: { ...groupsQuery().source, indices: [name] }, window });
    const queries = ['logs-web', 'logs-*', 'secret-web', 'secret-*'].map((name) => groupsQuery(source(name)));
    const answers = await backend.search.ask(queries, signal);
    const told = answers.map((answer) => (answer.kind === 'failed' ? answer.problem.code : answer.matched));
    expect(told).toEqual([1, 1, 'unauthorized', 'no_index']);

    const document = ruleDocument('checkout', { owes: true });
    expect(await backend.ruleStates.save([{ id: 'checkout', document, version: undefined }])).toMatchObject([{ kind: 'saved' }]);
    expect(await backend.ruleStates.load(['checkout'], new Map())).toMatchObject({ ok: true });
    for (const answer of [
      await backend.ruleStates.owing(1),
      await backend.conversations.due(0, 1),
      await backend.leases.load(),
      await backend.silences.put(silence('s', 0, 1)),
      await backend.silences.list(0),
    ]) {
      expect(answer).toMatchObject({ ok: true });
    }
    expect(await backend.projections.write([{ index: 'runs', id: 'r', at: START, body: { '@timestamp': START } }])).toBe(1);
    expect(await backend.projections.prune(START + 3 * 86_400_000)).toEqual(['tocsin-runs-2026.01.10']);
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
