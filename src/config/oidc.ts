import { createHmac } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type Static, Type } from 'typebox';
import { durationHint, parseDuration } from '../core/duration.ts';
import type { JsonSchema } from '../core/json.ts';
import { type Secret, secret } from '../core/secret.ts';
import { DAY, type Duration, HOUR, MINUTE } from '../core/time.ts';
import { withFileKeys } from './file-keys.ts';
import type { Report } from './report.ts';
import { STAND_IN_URL } from './schema-at.ts';
import { CLOSED, keyOfDuration, keyOfFlag, keyOfText, keyOfTexts, optionalKey } from './schema-parts.ts';
import type { Files } from './secret-files.ts';

/** What people of a group may do; each includes what follows. */
const LEVELS = ['admin', 'silence', 'read'] as const;

/** An OpenID provider that people sign in with. */
export interface OidcConfig {
  /** What people know it as. */
  readonly label: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** What the provider is asked for. */
  readonly scopes: readonly string[];
  /** Where the name of a person is; undefined: the first one there is of the usual ones. */
  readonly nameClaim?: string;
  /** Where groups, roles or other words are that decide what a person may do. */
  readonly groupsClaims: readonly string[];
  /** Undefined: no other condition than `access`. */
  readonly allowedGroups?: readonly string[];
  /** Groups by what they may do; `*` is everyone who can sign in at the provider. */
  readonly access: Readonly<Partial<Record<(typeof LEVELS)[number], readonly string[]>>>;
  /** Signs sessions: a change of who may do what, or of the client, ends them. */
  readonly sessionKey: Secret;
  readonly sessionLength: Duration;
  /** PEM text. */
  readonly ca?: string;
  /** Signing out also ends the session at the provider. */
  readonly providerLogout: boolean;
}

const PATH = ['server', 'auth', 'oidc'];
const DEFAULTS = { label: 'single sign-on', scopes: ['openid', 'profile', 'email'], session: '12h', groups: 'groups' } as const;
const [SHORTEST, LONGEST] = [5 * MINUTE, 7 * DAY];
/** Sessions are signed with it: a shorter one can be guessed from a session. */
const SHORTEST_SECRET = 16;

const groups = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { minItems: 1, maxItems: 200, uniqueItems: true, description });

const oidc = Type.Object(
  {
    label: optionalKey(
      keyOfText('Name of the provider, on the button of the login page.', {
        maxLength: 60,
        default: DEFAULTS.label,
        examples: ['Example Inc.'],
      }),
    ),
    issuer: keyOfText('Its issuer: the address before /.well-known/openid-configuration.', {
      maxLength: 1_000,
      examples: ['https://id.example.com/realms/example'],
    }),
    client_id: keyOfText('ID of the client that is registered there.', { maxLength: 300, examples: ['tocsin'] }),
    client_secret: keyOfText(`Secret of the client, at least ${SHORTEST_SECRET} characters; it also signs the sessions.`),
    scopes: optionalKey(
      Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,100}$' }), {
        maxItems: 20,
        uniqueItems: true,
        default: [...DEFAULTS.scopes],
        description: 'Scopes that are requested; `openid` always is.',
      }),
    ),
    name_claim: optionalKey(
      keyOfText('The claim with a person’s name. Default: `preferred_username`, else a verified `email`, else `sub`.', {
        maxLength: 300,
        examples: ['name'],
      }),
    ),
    groups_claim: optionalKey(
      keyOfTexts(
        'The claim with the groups of a person, or several claims. A nested one is written with dots: `realm_access.roles`. Default: `groups`.',
      ),
    ),
    allowed_groups: optionalKey(
      groups('Only people in one of these groups may sign in. Default: everyone to whom `access` applies.'),
    ),
    access: Type.Object(
      {
        admin: optionalKey(groups('Groups that may also end other people’s sessions.')),
        silence: optionalKey(groups('Groups that may read, silence and acknowledge.')),
        read: optionalKey(groups('Groups that may read.')),
      },
      {
        ...CLOSED,
        minProperties: 1,
        description: 'Who may do what, by group; `*` is everyone who can sign in at the provider. Everyone else is refused.',
      },
    ),
    session: optionalKey(
      keyOfDuration('How long people stay signed in: 5m to 7d. Groups are read at sign-in.', DEFAULTS.session),
    ),
    ca_file: optionalKey(keyOfText('PEM file with the authority that signed the provider’s certificate, relative to this file.')),
    provider_logout: optionalKey(
      keyOfFlag('Signing out also ends the session at the provider, if it has a logout endpoint.', true),
    ),
  },
  { ...CLOSED, description: 'An OpenID provider that people sign in with. It needs `external_url`. Off unless it is given.' },
);

/** The section as it is written. */
export type RawOidc = Partial<Static<typeof oidc>>;

/** Schema of `server.auth.oidc`. */
export function oidcSchema(): JsonSchema {
  return withFileKeys({ ...oidc }, ['client_secret']);
}

/** Reads the section; undefined without it, or after a problem. */
export async function readOidc(
  raw: RawOidc | undefined,
  externalUrl: string | undefined,
  files: Files,
  report: Report,
): Promise<OidcConfig | undefined> {
  if (raw === undefined) return undefined;
  const clientSecret = await files.secret(raw, 'client_secret', PATH);
  const ca = raw.ca_file === undefined ? undefined : await files.text(raw.ca_file, [...PATH, 'ca_file']);
  const { issuer, client_id: clientId, access } = raw;
  checkAddresses(issuer, externalUrl, report);
  if (ca !== undefined) checkAuthority(ca, report);
  const sessionLength = lengthOf(raw.session ?? DEFAULTS.session, report);
  if (clientSecret === undefined || issuer === undefined || clientId === undefined || access === undefined) return undefined;
  if (clientSecret.reveal().length < SHORTEST_SECRET && clientSecret.reveal() !== STAND_IN_URL) {
    const key = 'client_secret' in raw ? 'client_secret' : 'client_secret_file';
    const hint = 'sessions are signed with it: let the provider make a longer one';
    report.error('config/value', [...PATH, key], `a client secret has at least ${SHORTEST_SECRET} characters here`, hint);
  }
  const groupsClaims = [raw.groups_claim ?? DEFAULTS.groups].flat();
  const decides = JSON.stringify([issuer, clientId, access, groupsClaims, raw.allowed_groups ?? null, raw.name_claim ?? null]);
  return {
    label: raw.label ?? DEFAULTS.label,
    ...{ issuer, clientId, clientSecret, access, groupsClaims, sessionLength },
    scopes: [...new Set(['openid', ...(raw.scopes ?? DEFAULTS.scopes)])],
    ...(raw.name_claim !== undefined && { nameClaim: raw.name_claim }),
    ...(raw.allowed_groups !== undefined && { allowedGroups: raw.allowed_groups }),
    sessionKey: secret(createHmac('sha256', clientSecret.reveal()).update(`tocsin oidc ${decides}`).digest('base64url')),
    ...(ca !== undefined && ca !== STAND_IN_URL && { ca }),
    providerLogout: raw.provider_logout ?? true,
  };
}

function checkAddresses(issuer: string | undefined, externalUrl: string | undefined, report: Report): void {
  const url = issuer !== undefined && URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (issuer !== undefined && (url === undefined || !isSafe(url) || url.search !== '' || url.hash !== '' || url.username !== ''))
    report.error(
      'config/url',
      [...PATH, 'issuer'],
      'not an https URL without a login and a query',
      'write it as the provider does in its discovery document; http is accepted for this machine alone',
    );
  if (externalUrl === undefined)
    report.error(
      'config/missing-key',
      PATH,
      'signing in with a provider needs `external_url`',
      'set it to the address that people use: the provider sends them back there',
    );
  else if (URL.canParse(externalUrl) && !isSafe(new URL(externalUrl)))
    report.warning(
      'config/value',
      PATH,
      '`external_url` is not https: sessions can be read on their way',
      'put a proxy with TLS in front, and set `external_url` to its address',
    );
}

function isSafe(url: URL): boolean {
  const isHere = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isHere);
}

function checkAuthority(ca: string, report: Report): void {
  if (ca === STAND_IN_URL) return;
  try {
    if (!ca.includes('-----BEGIN')) throw new Error('no PEM certificate');
    createSecureContext({ ca });
  } catch {
    report.error('config/client-certificate', [...PATH, 'ca_file'], 'holds no PEM certificate', 'use a PEM file');
  }
}

function lengthOf(text: string, report: Report): Duration {
  const length = parseDuration(text);
  if (length !== undefined && length >= SHORTEST && length <= LONGEST) return length;
  report.error('config/value', [...PATH, 'session'], 'expected 5m to 7d', length === undefined ? durationHint(text) : undefined);
  return 12 * HOUR;
}
