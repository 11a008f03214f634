import { isIP } from 'node:net';
import { type Static, Type } from 'typebox';
import type { JsonSchema } from '../core/json.ts';
import type { Secret } from '../core/secret.ts';
import { CONFIG_DEFAULTS } from './defaults.ts';
import { withFileKeys } from './file-keys.ts';
import { type OidcConfig, oidcSchema, type RawOidc, readOidc } from './oidc.ts';
import type { Report } from './report.ts';
import { CLOSED, optionalKey } from './schema-parts.ts';
import type { Files } from './secret-files.ts';

/** What the bearer of a token may do: read what needs a login, change silences, send alerts, or end the sessions of others. */
type Scope = 'read' | 'silence' | 'alerts' | 'admin';

/** Who may do something over HTTP, by the token that they send or sign in with. */
interface ApiToken {
  /** For the log: whose token it is. */
  readonly name: string;
  readonly token: Secret;
  /** Without it, to read, to silence and to send alerts. */
  readonly scopes?: readonly Scope[];
}

/** An authenticating proxy in front of the server, whose word it takes for who someone is. */
interface ProxyAuth {
  /** Addresses and networks that the proxy connects from. */
  readonly trusted: readonly string[];
  /** The request header with the name of the user, in lower case. */
  readonly userHeader: string;
  readonly scopes: readonly Scope[];
}

/** The HTTP server. */
export interface ServerConfig {
  readonly enabled: boolean;
  readonly host: string;
  readonly port: number;
  readonly tokens: readonly ApiToken[];
  /** Reading the pages and the API needs a login as well. */
  readonly requireLogin?: boolean;
  readonly proxyAuth?: ProxyAuth;
  readonly oidc?: OidcConfig;
}

/** Guessing a shorter one is a question of time. */
const SHORTEST_TOKEN = 16;

const scope = Type.Union([Type.Literal('read'), Type.Literal('silence'), Type.Literal('alerts'), Type.Literal('admin')]);

const token = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Name of the token’s owner; shown in the log.',
      examples: ['on-call'],
    }),
    token: Type.String({ minLength: 1, description: `The token, at least ${SHORTEST_TOKEN} characters.` }),
    scopes: optionalKey(
      Type.Array(scope, {
        minItems: 1,
        uniqueItems: true,
        default: ['read', 'silence', 'alerts'],
        description:
          '`read`: what needs a login to be read; `silence`: adding, changing and expiring silences, and acknowledging alerts; `alerts`: sending alerts of other systems, see `received_alerts`; `admin`: ending other people’s sessions.',
      }),
    ),
  },
  CLOSED,
);

const proxyAuth = Type.Object(
  {
    trusted: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      minItems: 1,
      maxItems: 100,
      description: 'Addresses and networks that the proxy connects from. From anywhere else the header is ignored.',
      examples: [['10.0.0.7', '10.1.0.0/16']],
    }),
    user_header: Type.String({
      pattern: '^[A-Za-z0-9-]{1,100}$',
      description: 'The request header with the name of the user. The proxy must remove it from incoming requests.',
      examples: ['X-Forwarded-User'],
    }),
    scopes: optionalKey(
      Type.Array(scope, {
        minItems: 1,
        uniqueItems: true,
        default: ['read', 'silence'],
        description: 'Scopes of these users, as for tokens.',
      }),
    ),
  },
  { ...CLOSED, description: 'An authenticating proxy in front of the server, such as oauth2-proxy. Off unless it is given.' },
);

const server = Type.Object(
  {
    enabled: optionalKey(Type.Boolean({ default: true, description: 'Serve health, metrics, pages and the API.' })),
    host: optionalKey(
      Type.String({ minLength: 1, default: CONFIG_DEFAULTS.host, description: 'Address to listen on; 0.0.0.0 in a container.' }),
    ),
    port: optionalKey(
      Type.Integer({ minimum: 0, maximum: 65_535, default: CONFIG_DEFAULTS.port, description: 'Port to listen on.' }),
    ),
    tokens: optionalKey(
      Type.Array(token, {
        description:
          'Tokens for changing silences over HTTP and for signing in to the pages. Without tokens, silences can be changed only from the same machine, and only if `host` is a loopback address.',
      }),
    ),
    require_login: optionalKey(
      Type.Boolean({
        default: false,
        description:
          'Also require a token or a login for reading pages and the API. Health, readiness and metrics stay open to probes and scrapers.',
      }),
    ),
    proxy_auth: optionalKey(proxyAuth),
    auth: optionalKey(
      Type.Object(
        { oidc: optionalKey(Type.Unsafe<RawOidc>({})) },
        { ...CLOSED, description: 'Ways to sign in to the pages other than tokens.' },
      ),
    ),
  },
  { ...CLOSED, description: 'The HTTP server.' },
);

/** `server` as it is written. */
export type RawServer = Omit<Static<typeof server>, 'tokens'> & {
  readonly tokens?: readonly (Partial<Static<typeof token>> & { readonly token_file?: string })[];
};

/** JSON schema of `server`. */
export function serverSchema(): JsonSchema {
  const { tokens, auth } = server.properties;
  return {
    ...server,
    properties: {
      ...server.properties,
      tokens: { ...tokens, items: withFileKeys({ ...token }, ['token']) },
      auth: { ...auth, properties: { oidc: oidcSchema() } },
    },
  };
}

/** Reads `server`; a token that is too short, or there twice, is reported. */
export async function readServer(
  raw: RawServer | undefined,
  externalUrl: string | undefined,
  files: Files,
  report: Report,
): Promise<ServerConfig> {
  const tokens = await readTokens(raw, files, report);
  const oidc = await readOidc(raw?.auth?.oidc, externalUrl, files, report);
  const proxy = raw?.proxy_auth;
  for (const [index, address] of (proxy?.trusted ?? []).entries())
    if (!isNetwork(address)) {
      const hint = 'an address such as 10.0.0.7, or a network such as 10.1.0.0/16';
      report.error('config/value', ['server', 'proxy_auth', 'trusted', index], 'invalid address or network', hint);
    }
  return {
    enabled: raw?.enabled ?? true,
    host: raw?.host ?? CONFIG_DEFAULTS.host,
    port: raw?.port ?? CONFIG_DEFAULTS.port,
    tokens,
    ...(raw?.require_login === true && { requireLogin: true }),
    ...(oidc !== undefined && { oidc }),
    ...(proxy !== undefined && {
      proxyAuth: {
        trusted: proxy.trusted,
        userHeader: proxy.user_header.toLowerCase(),
        scopes: proxy.scopes ?? ['read', 'silence'],
      },
    }),
  };
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

async function readTokens(raw: RawServer | undefined, files: Files, report: Report): Promise<readonly ApiToken[]> {
  const tokens: ApiToken[] = [];
  for (const [index, given] of (raw?.tokens ?? []).entries()) {
    const path = ['server', 'tokens', index];
    const read = await files.secret(given, 'token', path);
    if (read === undefined) continue;
    const key = 'token' in given ? 'token' : 'token_file';
    if (read.reveal().length < SHORTEST_TOKEN) {
      const hint = 'generate one with `openssl rand -hex 32`';
      report.error('config/value', [...path, key], `a token must have at least ${SHORTEST_TOKEN} characters`, hint);
    }
    if (tokens.some((other) => other.token.reveal() === read.reveal()))
      report.error('config/value', [...path, key], 'another entry has the same token', 'use a different token for each entry');
    tokens.push({ name: given.name ?? '', token: read, ...(given.scopes !== undefined && { scopes: given.scopes }) });
  }
  return tokens;
}
