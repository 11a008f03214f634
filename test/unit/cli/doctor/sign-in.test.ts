import { expect, it } from 'vitest';
import type { DoctorContext } from '../../../../src/cli/doctor/check.ts';
import { signInCheck } from '../../../../src/cli/doctor/sign-in.ts';
import { secret } from '../../../../src/core/secret.ts';
import { FORGED_SECRET, forgedProvider } from '../../../support/sign-in/forged-provider.ts';
import { oidcConfig } from '../../../support/sign-in/replicas.ts';

async function examined(server: object, fetched: typeof fetch) {
  const context = { config: { server: { tokens: [], ...server }, externalUrl: 'https://tocsin.example.com' }, fetch: fetched };
  return signInCheck.run(context as unknown as DoctorContext, AbortSignal.timeout(10_000));
}

it('says what the provider must know, and what it lacks', async () => {
  const forged = await forgedProvider();
  const oidc = oidcConfig(forged.issuer, secret(FORGED_SECRET));
  forged.answers({ metadata: { scopes_supported: ['openid', 'profile', 'email'], code_challenge_methods_supported: ['plain'] } });
  const found = await examined({ oidc }, forged.fetch);
  expect(found.map(({ severity, subject, found: text }) => [severity, subject, text])).toEqual([
    ['good', 'https://id.example.com', 'answers, and is the issuer that it should be'],
    ['note', 'redirect URI', 'https://tocsin.example.com/login/oidc/callback must be registered for the client at the provider'],
    ['warning', 'scopes', 'the provider does not list groups'],
    ['warning', 'PKCE', 'the provider does not list S256'],
    ['note', 'signing out', expect.stringContaining('https://tocsin.example.com/login must be one of')],
  ]);
  expect(JSON.stringify(found)).not.toContain(FORGED_SECRET);
  expect(forged.asked).toEqual(['/.well-known/openid-configuration']);
});

it('says why the provider cannot be used', async () => {
  const forged = await forgedProvider();
  forged.answers({ metadata: { issuer: 'https://other.example.com' } });
  const found = await examined({ oidc: oidcConfig(forged.issuer, secret(FORGED_SECRET)) }, forged.fetch);
  expect(found).toEqual([
    {
      severity: 'error',
      subject: 'https://id.example.com',
      found: 'the provider’s issuer differs from the configured one',
      expected: 'a discovery document with this issuer',
      fix: expect.stringContaining('curl -sS https://id.example.com/.well-known/openid-configuration'),
    },
  ]);
});

it('names the other ways to sign in, or that there is none', async () => {
  const tokens = [{ name: 'on-call', token: secret('x'.repeat(20)) }];
  const proxyAuth = { trusted: ['10.0.0.7'], userHeader: 'x-forwarded-user', scopes: ['read'] };
  expect((await examined({ tokens, proxyAuth }, fetch)).map(({ subject }) => subject)).toEqual(['tokens', 'proxy']);
  expect(await examined({}, fetch)).toEqual([expect.objectContaining({ severity: 'note', subject: 'login' })]);
});
