import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Duration, HOUR, type Instant, MINUTE } from '../../core/time.ts';
import {
  type AccessRules,
  type AccessScope,
  type AccessToken,
  ALL_SCOPES,
  type Caller,
  callerOf,
  isSameText,
  type LoginSession,
} from '../api/access.ts';

/** How long a browser stays signed in with a token, ms. */
export const SESSION_LENGTH: Duration = 12 * HOUR;
export const SESSION_COOKIE = 'tocsin_session';
/** Holds a random text that each form of a page repeats. */
export const FORM_COOKIE = 'tocsin_form';
/** When this browser has changed something, for some seconds: the replica that answers next may not know of it yet. */
export const CHANGED_COOKIE = 'tocsin_changed';

/** The clock of the replica that began a session may be ahead by so much, ms. */
const CLOCKS_APART: Duration = MINUTE;
const LONGEST_SESSION = 3_500;

/** Someone whom the OpenID provider knows. */
export interface KnownPerson {
  /** What never changes: the provider and its ID of the user. */
  readonly user: string;
  readonly name: string;
  readonly scopes: readonly AccessScope[];
}

/** When a session begins, and its random ID. */
export interface SessionStart {
  readonly at: Instant;
  readonly id: string;
}

/**
 * A session with a token: whose it is, when it began and ends, and a random ID, signed with a key made of the token itself. So it needs no store, holds on
 * each replica that has the token, and ends with the token.
 */
export function sessionOf({ name, token }: AccessToken, { at, id }: SessionStart): string {
  return signedSession(['token', name, at, at + SESSION_LENGTH, id], token.reveal());
}

/** A session of the OpenID provider, with what the person may do; signed with a key made of the client's secret and of who may do what. */
export function sessionOfPerson(
  { user, name, scopes }: KnownPerson,
  { at, id }: SessionStart,
  { sessionKey, sessionLength }: NonNullable<AccessRules['oidc']>,
): string {
  return signedSession(['oidc', name, at, at + sessionLength, id, user, scopes], sessionKey.reveal());
}

/** The user of sessions with a token. */
export function userOfToken({ name }: Pick<AccessToken, 'name'>): string {
  return `token ${name}`;
}

type Claims = readonly [
  kind: 'token' | 'oidc',
  name: string,
  at: Instant,
  until: Instant,
  id: string,
  ...rest: readonly unknown[],
];

function signedSession(claims: Claims, key: string): string {
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${text}.${signed(text, key)}`;
}

/** Whose session it is; undefined: it has ended by itself, or nothing that is configured has signed it. */
function callerOfSession(session: string, rules: Pick<AccessRules, 'tokens' | 'oidc'>, now: Instant): Caller | undefined {
  const [claims = '', signature = '', ...rest] = session.split('.');
  if (session.length > LONGEST_SESSION || rest.length > 0) return undefined;
  const isBy = (key: string) => isSameText(signature, signed(claims, key));
  const token = rules.tokens.find((one) => isBy(one.token.reveal()));
  const { oidc } = rules;
  if (token === undefined && (oidc === undefined || !isBy(oidc.sessionKey.reveal()))) return undefined;
  // It was signed here: its form is known.
  const [kind, name, at, until, id, ...more] = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Claims;
  const longest = token === undefined ? (oidc?.sessionLength ?? 0) : SESSION_LENGTH;
  if (until <= now || until - at > longest || at > now + CLOCKS_APART) return undefined;
  if (token !== undefined) {
    if (kind !== 'token' || name !== token.name) return undefined;
    return { kind, name, scopes: token.scopes ?? ALL_SCOPES, session: { user: userOfToken(token), at, until, id } };
  }
  if (kind !== 'oidc') return undefined;
  const [user, scopes] = more as unknown as readonly [string, readonly AccessScope[]];
  return { kind, name, scopes, session: { user, at, until, id } };
}

/** What a page decides by who asks. */
export interface PageRequest {
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string | undefined;
  readonly session: string | undefined;
}

/** Who asks for a page: by the session of the browser unless it was ended, else as the API knows them. */
export function visitorOf(
  { session, ...request }: PageRequest,
  rules: AccessRules,
  now: Instant,
  isOver: (session: LoginSession) => boolean,
): Caller {
  const caller = session === undefined ? undefined : callerOfSession(session, rules, now);
  if (caller?.session !== undefined && !isOver(caller.session)) return caller;
  return callerOf(request, rules);
}

function signed(claims: string, key: string): string {
  return createHmac('sha256', `tocsin session ${key}`).update(claims).digest('base64url');
}
