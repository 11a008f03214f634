import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { channelFetch } from '../../../../src/channels/http-client/fetch.ts';
import { secret } from '../../../../src/core/secret.ts';
import { discoverProvider, failureText } from '../../../../src/service/sign-in/oidc-client.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../../support/certificate.ts';
import { oidcConfig } from '../../../support/sign-in/replicas.ts';

let issuer = '';
const server = createServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, (_request, response) => {
  const metadata = { issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const found = (ca?: string) =>
  discoverProvider(oidcConfig(issuer, secret('x'.repeat(20)), ca === undefined ? {} : { ca }), channelFetch({}));

it('trusts a private authority that ca_file names', async () => {
  expect((await found(TEST_CERTIFICATE)).server.issuer).toBe(issuer);
});

it('trusts no other, and says why', async () => {
  const refused = await found().catch((thrown: unknown) => failureText(thrown));
  expect(refused).toMatch(
    /^the connection fails \((?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+)\)$/,
  );
});
