import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { own } from '../../core/record.ts';
import type { Secret } from '../../core/secret.ts';
import type { Duration, Instant } from '../../core/time.ts';

/** What a caller may do: `read` what needs a login, change silences and acknowledgements, send alerts of other systems, end the sessions of others. */
export type AccessScope = 'read' | 'silence' | 'alerts' | 'admin';

/** What one may do whose scopes are not named. */
export const ALL_SCOPES: readonly AccessScope[] = ['read', 'silence', 'alerts'];

/** A token of the configuration; without `scopes` it allows to read and to silence. */
export interface AccessToken {
  readonly name: string;
  readonly token: Secret;
  readonly scopes?: readonly AccessScope[];
}

/** Where the server listens, and who may do what. */
export interface AccessRules {
  readonly host: string;
  readonly tokens: readonly AccessToken[];
  /** Reading needs a login as well. */
  readonly requireLogin?: boolean;
  /** Where people reach the pages. */
  readonly externalUrl?: string;
  /** People sign in with an OpenID provider; their sessions are signed with this key, and last so long, ms. */
  readonly oidc?: { readonly sessionKey: Secret; readonly sessionLength: Duration };
  /** An authenticating proxy; `userHeader` is in lower case. */
  readonly proxyAuth?: {
    readonly trusted: readonly string[];
    readonly userHeader: string;
    readonly scopes: readonly AccessScope[];
  };
}

/** What access is decided by. */
export interface AccessRequest {
  readonly headers: IncomingHttpHeaders;
  /** The address at the other end of the connection. */
  readonly remoteAddress?: string | undefined;
}

/** Who asks. `local`: on the machine itself, without a login; `anonymous`: from anywhere, without a login. */
export interface Caller {
  readonly kind: 'token' | 'oidc' | 'proxy' | 'local' | 'anonymous';
  /** For the log and as the author of silences; undefined without a login. */
  readonly name: string | undefined;
  readonly scopes: readonly AccessScope[];
  /** Of a browser that has signed in. */
  readonly session?: LoginSession;
}

/** The session of a browser: whose it is, from when, until when, and its ID. */
export interface LoginSession {
  readonly user: string;
  readonly at: Instant;
  readonly until: Instant;
  readonly id: string;
}

/** Whether a request may change something: by whose token (undefined: on the machine itself), or the status and text of the refusal. */
export type Access =
  | { readonly ok: true; readonly by: string | undefined }
  | { readonly ok: false; readonly status: 401 | 403; readonly message: string };

/** How often one address may change something, by one kind of request. */
export const CHANGES = { config: { rateLimit: { max: 60, timeWindow: 60_000 } } };

const LONGEST_NAME = 200;

/**
 * Finds out who asks. Without tokens and without a proxy, requests from the machine itself may do everything: the server has to listen on a loopback
 * address, and the request has to be made for one by name. A page from elsewhere that a browser shows can make its own name lead to this machine, and
 * not that.
 */
export function callerOf({ headers, remoteAddress }: AccessRequest, rules: AccessRules): Caller {
  const token = tokenNamed(bearerOf(headers), rules);
  if (token !== undefined) return { kind: 'token', name: token.name, scopes: token.scopes ?? ALL_SCOPES };
  const user = proxyUser(headers, remoteAddress, rules);
  if (user !== undefined) return { kind: 'proxy', name: user, scopes: rules.proxyAuth?.scopes ?? [] };
  if (!isLoopback(rules.host) || !isLoopback(hostName(headers.host ?? '')))
    return { kind: 'anonymous', name: undefined, scopes: [] };
  const needsLogin = rules.tokens.length > 0 || rules.proxyAuth !== undefined || rules.oidc !== undefined;
  return { kind: 'local', name: undefined, scopes: needsLogin ? (rules.requireLogin ? [] : ['read']) : ALL_SCOPES };
}

/** What a change needs, for refusals. */
const CHANGED = { silence: 'silences and acknowledgements need', alerts: 'sending alerts needs' } as const;

/** Decides whether a request may change silences and acknowledgements, or what `scope` is about, and by whom. */
export function mayChange(request: AccessRequest, rules: AccessRules, scope: 'silence' | 'alerts' = 'silence'): Access {
  const caller = callerOf(request, rules);
  if (!isSameOrigin(request.headers, rules))
    return { ok: false, status: 403, message: 'a page from elsewhere cannot change anything' };
  if (caller.scopes.includes(scope)) return { ok: true, by: caller.name };
  if (caller.name !== undefined)
    return { ok: false, status: 403, message: `${CHANGED[scope]} a token with the scope \`${scope}\`` };
  if (rules.tokens.length > 0) {
    const message = `${CHANGED[scope]} a token of \`server.tokens\`: send the header Authorization: Bearer TOKEN`;
    return { ok: false, status: 401, message };
  }
  if (rules.proxyAuth !== undefined)
    return {
      ok: false,
      status: 401,
      message: 'silences and acknowledgements are for users whom the proxy of `server.proxy_auth` names',
    };
  if (rules.oidc !== undefined)
    return {
      ok: false,
      status: 401,
      message: 'silences and acknowledgements need a login: sign in to the pages, or set `server.tokens` for programs',
    };
  if (!isLoopback(rules.host))
    return {
      ok: false,
      status: 403,
      message: 'nothing can be changed here: the server can be reached from other machines, and `server.tokens` is empty',
    };
  return { ok: false, status: 403, message: 'silences and acknowledgements can be changed only under the address localhost' };
}

/**
 * Whether a request that changes something comes from a page of this server, or from no page at all. Browsers send `Origin` with every such request of a
 * page, and programs do not.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, { externalUrl }: Pick<AccessRules, 'externalUrl'>): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return new URL(origin).host === host || (externalUrl !== undefined && new URL(externalUrl).origin === origin);
}

/** The token of the configuration that a text is; takes as long whichever it is. */
export function tokenNamed(given: string | undefined, { tokens }: Pick<AccessRules, 'tokens'>): AccessToken | undefined {
  if (given === undefined) return undefined;
  return tokens.filter(({ token }) => isSameText(given, token.reveal()))[0];
}

/** Compares two secrets; takes as long whatever the texts have in common. */
export function isSameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

function proxyUser(headers: IncomingHttpHeaders, address: string | undefined, { proxyAuth }: AccessRules): string | undefined {
  if (proxyAuth === undefined || address === undefined || !isTrusted(address, proxyAuth.trusted)) return undefined;
  const given = own(headers, proxyAuth.userHeader);
  const name = typeof given === 'string' ? given.trim() : '';
  return name === '' || name.length > LONGEST_NAME ? undefined : name;
}

function isTrusted(address: string, trusted: readonly string[]): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const list = new BlockList();
  for (const one of trusted) {
    const [network = '', bits] = one.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(bits), family);
  }
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/** Says whether an address leads to this machine alone. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function hostName(header: string): string {
  return header.replace(/:\d+$/, '');
}
