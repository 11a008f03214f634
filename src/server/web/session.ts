import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HOUR, type Instant } from '../../core/time.ts';
import { type AccessRules, type AccessToken, type Caller, callerOf, isSameText } from '../api/access.ts';

/** How long a browser stays signed in, ms. */
export const SESSION_LENGTH = 12 * HOUR;
export const SESSION_COOKIE = 'tocsin_session';
/** Holds a random text that each form of a page repeats. */
export const FORM_COOKIE = 'tocsin_form';
/** When this browser has changed something, for some seconds: the replica that answers next may not know of it yet. */
export const CHANGED_COOKIE = 'tocsin_changed';

/**
 * A session: whose token it is, when it ends and a random text, signed with a key made of the token itself. So it needs no store, holds on each replica that
 * has the token, and ends with the token.
 */
export function sessionOf({ name, token }: AccessToken, now: Instant, nonce: string): string {
  const claims = Buffer.from(JSON.stringify([name, now + SESSION_LENGTH, nonce])).toString('base64url');
  return `${claims}.${signed(claims, token.reveal())}`;
}

/** The token that a session belongs to; undefined: it has ended, or none of these tokens has signed it. */
function tokenOfSession(session: string, { tokens }: Pick<AccessRules, 'tokens'>, now: Instant): AccessToken | undefined {
  const [claims = '', signature = '', ...rest] = session.split('.');
  if (session.length > 2_000 || rest.length > 0) return undefined;
  const token = tokens.find((one) => isSameText(signature, signed(claims, one.token.reveal())));
  if (token === undefined) return undefined;
  // It was signed here: its form is known.
  const [name, until] = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as [string, number];
  return name === token.name && until > now && until <= now + SESSION_LENGTH ? token : undefined;
}

/** What a page decides by who asks. */
export interface PageRequest {
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string | undefined;
  readonly session: string | undefined;
}

/** Who asks for a page: by the session of the browser, else as the API knows them. */
export function visitorOf({ session, ...request }: PageRequest, rules: AccessRules, now: Instant): Caller {
  const token = session === undefined ? undefined : tokenOfSession(session, rules, now);
  if (token !== undefined) return { kind: 'token', name: token.name, scopes: token.scopes ?? ['read', 'silence'] };
  return callerOf(request, rules);
}

function signed(claims: string, token: string): string {
  return createHmac('sha256', `tocsin session ${token}`).update(claims).digest('base64url');
}
