import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_CERTIFICATE } from '../support/certificate.ts';
import { type ElasticsearchNode, startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';
import { findRelease } from '../support/elasticsearch/versions.ts';
import { runApiKeyJob } from '../support/kubernetes/api-key-job.ts';
import { secretServer } from '../support/kubernetes/secret-server.ts';

const PASSWORD = 'sesame-opens';
const wanted = JSON.parse(readFileSync(join(import.meta.dirname, '../../deploy/tocsin/api-key/api-key.json'), 'utf8')) as {
  readonly role_descriptors: object;
};

let node: ElasticsearchNode;
beforeAll(async () => {
  node = await startElasticsearch({ version: findRelease(process.env['TOCSIN_TEST_ES']).version, password: PASSWORD });
});
afterAll(() => node[Symbol.asyncDispose]());

/** A Secret of its own, and the Job beside it. */
async function stage() {
  const secret = await secretServer('observability', 'tocsin-elasticsearch', 'job-token');
  const surroundings = {
    kubernetesUrl: secret.url,
    kubernetesCa: TEST_CERTIFICATE,
    token: 'job-token',
    namespace: 'observability',
    elasticsearchUrl: node.url,
    username: 'elastic',
    password: PASSWORD,
    secretName: 'tocsin-elasticsearch',
  };
  const cluster = es(node.url, node.authorization);
  return {
    secret,
    job: (given: Partial<typeof surroundings> & { readonly waitSeconds?: number } = {}) =>
      runApiKeyJob({ ...surroundings, ...given }),
    whose: () => es(node.url, `ApiKey ${secret.data['api-key']}`).json('GET', '/_security/_authenticate'),
    keys: async () => (await cluster.json('GET', '/_security/api_key?name=tocsin'))['api_keys'] as readonly Key[],
    cluster,
    [Symbol.asyncDispose]: () => secret[Symbol.asyncDispose](),
  };
}

interface Key {
  readonly id: string;
  readonly invalidated: boolean;
  readonly role_descriptors: object;
}

describe('the Job that makes the API key', () => {
  it('makes one with the rights of the file, keeps it when it runs again, and makes another when it is gone', async () => {
    await using on = await stage();
    expect(await on.job()).toMatch(/^the API key \S+ was created and stored in the Secret$/m);
    const first = on.secret.data['api-key'];
    expect(await on.whose()).toMatchObject({ api_key: { name: 'tocsin' } });
    const [made] = (await on.keys()).filter(({ invalidated }) => !invalidated);
    expect(made?.role_descriptors).toMatchObject(wanted.role_descriptors);

    expect(await on.job()).toContain('is valid');
    expect(on.secret.data['api-key']).toBe(first);
    expect((await on.keys()).filter(({ invalidated }) => !invalidated)).toHaveLength(1);

    await on.cluster.json('DELETE', '/_security/api_key', { ids: [made?.id] });
    const said = await on.job();
    expect(said).toContain('no longer valid');
    expect(on.secret.data['api-key']).not.toBe(first);
    expect(await on.whose()).toMatchObject({ api_key: { name: 'tocsin' } });
    expect(said).not.toContain(on.secret.data['api-key']);
  });

  it('gives a key of its own the rights of the file, whatever they were', async () => {
    await using on = await stage();
    const narrow = { tocsin: { cluster: ['monitor'], indices: [] } };
    const old = await on.cluster.json('POST', '/_security/api_key', { name: 'tocsin', role_descriptors: narrow });
    on.secret.put('api-key', String(old['encoded']));
    expect(await on.job()).toContain(`the privileges of the API key ${old['id']} were updated`);
    const now = (await on.keys()).find(({ id }) => id === old['id']);
    expect(now?.role_descriptors).toMatchObject(wanted.role_descriptors);
  });

  it('leaves no key behind that is in no Secret', async () => {
    await using on = await stage();
    const before = (await on.keys()).filter(({ invalidated }) => !invalidated).length;
    on.secret.refuseNext(409);
    await expect(on.job()).rejects.toThrow(/writing the Secret failed with 409: the object has been modified/);
    expect((await on.keys()).filter(({ invalidated }) => !invalidated)).toHaveLength(before);
  });

  it.each([
    ['a wrong password', { password: 'wrong-one' }, /logging in as elastic failed with 401/],
    ['a token that Kubernetes does not know', { token: 'nobody' }, /reading the Secret tocsin-elasticsearch failed with 401/],
    ['a Secret that is not there', { secretName: 'other' }, /reading the Secret other failed with 404/],
    [
      'an Elasticsearch that does not come',
      { elasticsearchUrl: 'http://127.0.0.1:9', waitSeconds: 2 },
      /did not answer within 2 s/,
    ],
  ])('says what is wrong with %s, and quotes no secret', async (_name, given, words) => {
    await using on = await stage();
    const said = await on.job(given).then(
      () => 'it went well',
      (error: Error) => error.message,
    );
    expect(said).toMatch(words);
    expect(said).not.toMatch(/sesame-opens|wrong-one|job-token/);
  });
});
