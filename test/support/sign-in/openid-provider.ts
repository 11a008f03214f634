import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

/** Groups of the people whom the provider knows, by their login; any password is right. */
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  kim: ['staff', 'on-call'],
  sam: ['staff'],
  robin: ['platform'],
  stranger: ['visitors'],
};

/** A real OpenID provider on this machine. */
export interface OpenIdProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** From now on it signs with a key of another name. */
  rotateKey(): Promise<void>;
  /** It answers nothing until it is `up` again. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

/** Starts the provider with Tocsin as its client, which people reach at `externalUrl`. */
export async function openIdProvider(externalUrl: () => string): Promise<OpenIdProvider> {
  const clientId = 'tocsin';
  const clientSecret = 'a-client-secret-of-the-tests-0123456789';
  let listener: RequestListener | undefined;
  let isDown = false;
  const server = createServer((request, response) => {
    if (isDown || listener === undefined) request.socket.destroy();
    else listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  let keys = 0;
  const start = async () => {
    const key = await signingKey(`key-${++keys}`);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [`${externalUrl()}/login/oidc/callback`],
          post_logout_redirect_uris: [`${externalUrl()}/login`],
        },
      ],
      jwks: { keys: [key] },
      cookies: { keys: ['a-cookie-key-of-the-tests'] },
      claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email', 'email_verified'], groups: ['groups'] },
      scopes: ['openid', 'profile', 'email', 'groups'],
      pkce: { required: () => true },
      findAccount: (_context: unknown, id: string) => ({
        accountId: id,
        claims: () => ({
          sub: id,
          preferred_username: id,
          email: `${id}@example.com`,
          email_verified: true,
          groups: PEOPLE[id] ?? [],
        }),
      }),
    });
    listener = provider.callback();
  };
  await start();
  return {
    ...{ issuer, clientId, clientSecret, rotateKey: start },
    down: () => {
      isDown = true;
      server.closeAllConnections();
    },
    up: () => {
      isDown = false;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function signingKey(kid: string) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey as CryptoKey)), kid, alg: 'RS256', use: 'sig' };
}
