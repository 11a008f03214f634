import { createHash } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';

/** A provider in memory that answers whatever a test wants; by default what a good one would. */
export interface ForgedProvider {
  readonly issuer: string;
  readonly fetch: typeof fetch;
  /** What was asked, by path. */
  readonly asked: readonly string[];
  /** Changes how it answers from now on. */
  answers(change: Partial<Forgery>): void;
  /** A code for what the browser was sent to the provider with, and the query of the way back. */
  consent(url: string): string;
}

/** How it answers. */
export interface Forgery {
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What the ID token says instead. */
  readonly claims: JWTPayload;
  readonly user: Readonly<Record<string, unknown>>;
  readonly signedBy: 'its key' | 'another key' | 'the secret of the client' | 'nothing';
  /** Seconds by which its clock is ahead. */
  readonly ahead: number;
  /** Answers a path in place of it. */
  readonly instead: Readonly<Record<string, () => Response | Promise<Response>>>;
}

export const FORGED_SECRET = 'a-client-secret-of-the-tests-0123456789';
const ISSUER = 'https://id.example.com';
const json = (value: unknown, status = 200) =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });

/** Makes one. */
export async function forgedProvider(): Promise<ForgedProvider> {
  const [key, other] = await Promise.all([generateKeyPair('ES256', { extractable: true }), generateKeyPair('ES256')]);
  const jwk: JWK = { ...(await exportJWK(key.publicKey as CryptoKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  let how: Forgery = { metadata: {}, claims: {}, user: {}, signedBy: 'its key', ahead: 0, instead: {} };
  const codes = new Map<string, { readonly nonce: string; readonly challenge: string }>();
  const asked: string[] = [];
  const idToken = async (nonce: string) => {
    const now = Math.floor(Date.now() / 1_000) + how.ahead;
    const claims = {
      iss: ISSUER,
      aud: 'tocsin',
      sub: 'kim-1',
      nonce,
      iat: now,
      exp: now + 300,
      preferred_username: 'kim',
      groups: ['on-call'],
    };
    const payload = { ...claims, ...how.claims };
    if (how.signedBy === 'nothing') return new UnsecuredJWT(payload).encode();
    if (how.signedBy === 'the secret of the client')
      return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(FORGED_SECRET));
    const signing = how.signedBy === 'its key' ? key.privateKey : other.privateKey;
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(signing);
  };
  const token = async (body: string): Promise<Response> => {
    const given = new URLSearchParams(body);
    const attempt = codes.get(given.get('code') ?? '');
    codes.delete(given.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(given.get('code_verifier') ?? '')
      .digest('base64url');
    if (attempt === undefined || attempt.challenge !== challenge) return json({ error: 'invalid_grant' }, 400);
    const answer = { access_token: 'an-access-token', token_type: 'bearer', id_token: await idToken(attempt.nonce) };
    return json(answer);
  };
  return {
    issuer: ISSUER,
    asked,
    answers: (change) => {
      how = { ...how, ...change };
    },
    consent: (url) => {
      const { searchParams } = new URL(url);
      const code = `code-${codes.size}-${asked.length}`;
      codes.set(code, { nonce: searchParams.get('nonce') ?? '', challenge: searchParams.get('code_challenge') ?? '' });
      return new URLSearchParams({ code, state: searchParams.get('state') ?? '' }).toString();
    },
    fetch: (async (url: string | URL, init: RequestInit = {}) => {
      const { pathname } = new URL(String(url));
      asked.push(pathname);
      const instead = new Map(Object.entries(how.instead)).get(pathname);
      if (instead !== undefined) return instead();
      if (pathname === '/.well-known/openid-configuration')
        return json({
          ...{ issuer: ISSUER, authorization_endpoint: `${ISSUER}/auth`, token_endpoint: `${ISSUER}/token` },
          ...{ jwks_uri: `${ISSUER}/keys`, userinfo_endpoint: `${ISSUER}/user`, end_session_endpoint: `${ISSUER}/end` },
          id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
          ...how.metadata,
        });
      if (pathname === '/keys') return json({ keys: [jwk] });
      if (pathname === '/token') return token(String(init.body));
      if (pathname === '/user') return json({ sub: 'kim-1', ...how.user });
      return json({}, 404);
    }) as typeof fetch,
  };
}
