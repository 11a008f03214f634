import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/core/problems.ts';

const SECRET = 'a-s3cret-of-the-client';
const PUBLIC = 'external_url: https://tocsin.example.com\n';
const ISSUER = 'https://id.example.com/realms/example';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-oidc-'));
  await writeFile(join(folder, 'secret'), `${SECRET}\n`);
  await chmod(join(folder, 'secret'), 0o440);
  await writeFile(join(folder, 'open-secret'), `${SECRET}\n`);
  await chmod(join(folder, 'open-secret'), 0o444);
  await writeFile(join(folder, 'short'), 'short');
  await chmod(join(folder, 'short'), 0o440);
  await writeFile(join(folder, 'ca.pem'), 'no certificate');
});
afterAll(() => rm(folder, { recursive: true }));

const oidc = (keys: string, base = PUBLIC) =>
  `${base}server:\n  auth:\n    oidc: { issuer: "${ISSUER}", client_id: tocsin, client_secret_file: secret, access: { read: ["*"] }, ${keys} }\n`;

async function load(text: string) {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, text);
  const loaded = await loadConfig(file, {});
  return { loaded, problems: loaded.problems.map((one) => formatProblem(one).replaceAll(`${folder}/`, '')).join('\n') };
}

async function read(text: string) {
  const { loaded, problems } = await load(text);
  if (!loaded.ok) throw new Error(problems);
  const found = loaded.value.server.oidc;
  if (found === undefined) throw new Error('it should be there');
  return found;
}

describe('server.auth.oidc', () => {
  it('has defaults for all but the provider, the client and who may do what, and shows no secret', async () => {
    const found = await read(oidc(''));
    expect(found).toMatchObject({
      ...{ label: 'single sign-on', issuer: ISSUER, clientId: 'tocsin', access: { read: ['*'] }, groupsClaims: ['groups'] },
      ...{ scopes: ['openid', 'profile', 'email'], sessionLength: 43_200_000, providerLogout: true },
    });
    expect(found.clientSecret.reveal()).toBe(SECRET);
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });

  it('always asks for openid, and takes a claim or several', async () => {
    const found = await read(oidc('scopes: [groups], groups_claim: [hd, email], session: 30m'));
    expect([found.scopes, found.groupsClaims, found.sessionLength]).toEqual([['openid', 'groups'], ['hd', 'email'], 1_800_000]);
  });

  it('signs with another key once the client or who may do what is another, and else with the same', async () => {
    const keys = await Promise.all(
      ['', 'label: x', 'allowed_groups: [staff]', 'groups_claim: roles', 'name_claim: name'].map(async (more) => {
        const text = oidc(more);
        const file = join(folder, `${more.replace(/\W/g, '') || 'plain'}.yaml`);
        await writeFile(file, text);
        const loaded = await loadConfig(file, {});
        return loaded.ok ? loaded.value.server.oidc?.sessionKey.reveal() : 'none';
      }),
    );
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(4);
  });

  it('is accepted with http on this machine', async () => {
    const text = oidc('', 'external_url: http://localhost:9095\n').replace(ISSUER, 'http://127.0.0.1:8080/realms/x');
    expect((await load(text)).problems).toBe('');
  });

  it.each<[string, string, string]>([
    ['without external_url', oidc('', ''), 'signing in with a provider needs `external_url`'],
    ['with an issuer over http', oidc('').replace('https://id', 'http://id'), 'not an https URL without a login and a query'],
    ['with an issuer that has a query', oidc('').replace('/example"', '/example?x=1"'), 'not an https URL'],
    ['with an issuer that has a login', oidc('').replace('https://id', 'https://u:p@id'), 'not an https URL'],
    ['with an issuer that is no address', oidc('').replace(ISSUER, 'keycloak'), 'not an https URL'],
    ['without access', oidc('').replace('access: { read: ["*"] },', ''), 'access'],
    ['with access for no one', oidc('').replace('{ read: ["*"] }', '{}'), 'access'],
    ['with a level that there is not', oidc('').replace('{ read', '{ write'), 'write'],
    ['without a secret', oidc('').replace('client_secret_file: secret,', ''), 'client_secret'],
    ['with a secret file that is not there', oidc('').replace('file: secret', 'file: none'), 'none'],
    [
      'with a secret that can be guessed',
      oidc('').replace('file: secret', 'file: short'),
      'a client secret has at least 16 characters here',
    ],
    ['with a session of a month', oidc('session: 30d'), 'expected 5m to 7d'],
    ['with a session of a second', oidc('session: 1s'), 'expected 5m to 7d'],
    ['with an authority that is none', oidc('ca_file: ca.pem'), 'holds no PEM certificate'],
    ['with a scope that has a blank', oidc('scopes: ["a b"]'), 'scopes'],
    ['with a key that is misspelt', oidc('group_claim: x'), 'did you mean "groups_claim"'],
  ])('is a problem %s', async (_name, text, expected) => {
    const { loaded, problems } = await load(text);
    expect([loaded.ok, problems]).toEqual([false, expect.stringContaining(expected)]);
    expect(problems).not.toContain('s3cret');
  });

  it.each<[string, string, string]>([
    ['a secret that all can read', oidc('').replace('file: secret', 'file: open-secret'), 'open-secret is world-readable'],
    ['an address over http', oidc('', 'external_url: http://tocsin.example.com\n'), '`external_url` is not https'],
  ])('has a warning for %s', async (_name, text, expected) => {
    const { loaded, problems } = await load(text);
    expect([loaded.ok, problems]).toEqual([true, expect.stringContaining(expected)]);
  });
});
