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

/** What may be refused. */
type Change = 'silence' | 'alerts';

/** What a change needs, and where it is possible, for refusals. */
const CHANGED: Readonly<Record<Change, { readonly need: string; readonly are: string; readonly login: string }>> = {
  silence: {
    need: 'silences and acknowledgements need',
    are: 'silences and acknowledgements can be changed',
    login: 'a login: sign in to the pages, or set `server.tokens` for programs',
  },
  alerts: { need: 'sending alerts needs', are: 'alerts can be sent', login: 'a token: set `server.tokens`' },
};

/** Decides whether a request may change silences and acknowledgements, or what `scope` is about, and by whom. */
export function mayChange(request: AccessRequest, rules: AccessRules, scope: Change = 'silence'): Access {
  const caller = callerOf(request, rules);
  if (!isSameOrigin(request.headers, rules))
    return { ok: false, status: 403, message: 'requests from other sites cannot change anything' };
  if (caller.scopes.includes(scope)) return { ok: true, by: caller.name };
  return { ok: false, ...refusal(caller, rules, scope) };
}

/** What the caller lacks, in the words of what was asked for. */
function refusal({ kind, name }: Caller, rules: AccessRules, scope: Change): Omit<Extract<Access, { ok: false }>, 'ok'> {
  const { need, are, login } = CHANGED[scope];
  if (kind === 'proxy')
    return { status: 403, message: `${need} the scope \`${scope}\`, which \`server.proxy_auth.scopes\` does not have` };
  if (name !== undefined) return { status: 403, message: `${need} a token with the scope \`${scope}\`` };
  if (rules.tokens.length > 0)
    return { status: 401, message: `${need} a token of \`server.tokens\`: send the header Authorization: Bearer TOKEN` };
  if (rules.proxyAuth !== undefined) {
    const message = `${need} a user named by the proxy of \`server.proxy_auth\`, or a token of \`server.tokens\``;
    return { status: 401, message };
  }
  if (rules.oidc !== undefined) return { status: 401, message: `${need} ${login}` };
  if (isLoopback(rules.host)) return { status: 403, message: `${are} only under the address localhost` };
  const message = `${need} a token: the server can be reached from other machines, and \`server.tokens\` is empty`;
  return { status: 403, message };
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
