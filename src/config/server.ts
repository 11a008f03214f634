import { type Static, Type } from 'typebox';
import type { JsonSchema } from '../core/json.ts';
import type { Secret } from '../core/secret.ts';
import { CONFIG_DEFAULTS } from './defaults.ts';
import { withFileKeys } from './file-keys.ts';
import type { Report } from './report.ts';
import type { Files } from './secret-files.ts';

/** Who may change silences over HTTP, by the token that they send. */
interface ApiToken {
  /** For the log: whose token it is. */
  readonly name: string;
  readonly token: Secret;
}

/** The HTTP server. */
export interface ServerConfig {
  readonly enabled: boolean;
  readonly host: string;
  readonly port: number;
  readonly tokens: readonly ApiToken[];
}

/** Guessing a shorter one is a question of time. */
const SHORTEST_TOKEN = 16;
const closed = { additionalProperties: false } as const;

const token = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Whose token it is; shown in the log.',
      examples: ['on-call'],
    }),
    token: Type.String({ minLength: 1, description: `The token, at least ${SHORTEST_TOKEN} characters.` }),
  },
  closed,
);

const server = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ default: true, description: 'Serve health, metrics, pages and the API.' })),
    host: Type.Optional(
      Type.String({ minLength: 1, default: CONFIG_DEFAULTS.host, description: 'Address to listen on; 0.0.0.0 in a container.' }),
    ),
    port: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 65_535, default: CONFIG_DEFAULTS.port, description: 'Port to listen on.' }),
    ),
    tokens: Type.Optional(
      Type.Array(token, {
        description:
          'Tokens with which silences may be changed over HTTP. Without any, that is possible only on the machine itself, and only if `host` is a loopback address.',
      }),
    ),
  },
  { ...closed, description: 'The HTTP server.' },
);

/** `server` as it is written. */
export type RawServer = Omit<Static<typeof server>, 'tokens'> & {
  readonly tokens?: readonly (Partial<Static<typeof token>> & { readonly token_file?: string })[];
};

/** JSON schema of `server`. */
export function serverSchema(): JsonSchema {
  const { tokens } = server.properties;
  return {
    ...server,
    properties: { ...server.properties, tokens: { ...tokens, items: withFileKeys({ ...token }, ['token']) } },
  };
}

/** Reads `server`; a token that is too short, or there twice, is reported. */
export async function readServer(raw: RawServer | undefined, files: Files, report: Report): Promise<ServerConfig> {
  const tokens: ApiToken[] = [];
  for (const [index, given] of (raw?.tokens ?? []).entries()) {
    const path = ['server', 'tokens', index];
    const read = await files.secret(given, 'token', path);
    if (read === undefined) continue;
    const key = 'token' in given ? 'token' : 'token_file';
    if (read.reveal().length < SHORTEST_TOKEN) {
      const hint = 'make one with `openssl rand -hex 32`';
      report.error('config/value', [...path, key], `a token has at least ${SHORTEST_TOKEN} characters`, hint);
    }
    if (tokens.some((other) => other.token.reveal() === read.reveal()))
      report.error('config/value', [...path, key], 'the token is that of another entry', 'each gets a token of its own');
    tokens.push({ name: given.name ?? '', token: read });
  }
  return {
    enabled: raw?.enabled ?? true,
    host: raw?.host ?? CONFIG_DEFAULTS.host,
    port: raw?.port ?? CONFIG_DEFAULTS.port,
    tokens,
  };
}
