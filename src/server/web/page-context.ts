import type { FastifyReply, FastifyRequest } from 'fastify';
import { own } from '../../core/record.ts';
import { type Duration, type Instant, MINUTE } from '../../core/time.ts';
import { type Caller, isSameOrigin, isSameText, mayChange } from '../api/access.ts';
import type { PresentAlerts } from '../status.ts';
import { html, type PageMarkup, withCode } from './html.ts';
import { pageOf } from './layout.ts';
import type { WebPorts } from './ports.ts';
import { CHANGED_COOKIE, FORM_COOKIE, SESSION_COOKIE, visitorOf } from './session.ts';
import { STYLE_VERSION, versionOfText } from './style.ts';

/** What a request for a page comes with. */
export interface PageContext {
  readonly caller: Caller;
  readonly formToken: string;
  /** Answers with a page. */
  send(title: string, at: string, content: PageMarkup, code?: number): FastifyReply;
}

const versions = new WeakMap<WebPorts, string | undefined>();

/** Finds out who asks, and gives what answers them. A browser without the cookie of forms gets one. */
export function pageContext(request: FastifyRequest, reply: FastifyReply, ports: WebPorts): PageContext {
  const access = ports.access();
  const caller = callerOfPage(request, ports);
  const known = request.cookies[FORM_COOKIE];
  const formToken = known !== undefined && /^[\w-]{16,100}$/.test(known) ? known : ports.newNonce();
  if (formToken !== known) reply.setCookie(FORM_COOKIE, formToken, cookieOptions(ports));
  if (!versions.has(ports)) versions.set(ports, ports.program === undefined ? undefined : versionOfText(ports.program));
  const frame = {
    ...{ namespace: ports.namespace(), caller, formToken, canSignIn: access.tokens.length > 0 || access.oidc !== undefined },
    ...{ program: versions.get(ports), style: STYLE_VERSION },
  };
  return {
    caller,
    formToken,
    send: (title, at, content, code = 200) =>
      reply
        .code(code)
        .type('text/html; charset=utf-8')
        .send(pageOf({ ...frame, title, at }, content)),
  };
}

/** Who asks for a page, or reads the API as one does. */
export function callerOfPage(request: FastifyRequest, ports: Pick<WebPorts, 'access' | 'now' | 'sessions'>): Caller {
  const session = request.cookies[SESSION_COOKIE];
  const { headers, socket } = request;
  return visitorOf({ headers, remoteAddress: socket.remoteAddress, session }, ports.access(), ports.now(), ports.sessions.isOver);
}

/** How cookies are set: out of reach of scripts and of other sites, over https alone where people use it. */
export function cookieOptions({ access }: Pick<WebPorts, 'access'>, length?: Duration) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: access().externalUrl?.startsWith('https:') === true,
    ...(length !== undefined && { maxAge: Math.floor(length / 1_000) }),
  } as const;
}

/** A replica does not keep its list of alerts for longer. */
const CHANGE_IS_NEWS = MINUTE;
/** How much the clocks of replicas may differ, ms. */
const CLOCKS_DIFFER = 2_000;

/** Leads on after a change: whichever replica answers then shows it. */
export function redirectAfterChange(reply: FastifyReply, ports: Pick<WebPorts, 'access' | 'now'>, to: string): FastifyReply {
  return reply.setCookie(CHANGED_COOKIE, String(ports.now()), cookieOptions(ports, CHANGE_IS_NEWS)).redirect(to, 303);
}

/** The alerts for a page: as they are now for one that follows an event, as they are since what its browser has changed; else as they were some seconds ago. */
export function alertsFor(
  request: FastifyRequest,
  ports: Pick<WebPorts, 'alerts' | 'access' | 'now' | 'sessions'>,
): Promise<PresentAlerts> {
  const changed = Number(request.cookies[CHANGED_COOKIE]);
  const now = ports.now();
  // A browser that cannot change anything cannot make it read more often either.
  const isNews = Math.abs(now - changed) < CHANGE_IS_NEWS && callerOfPage(request, ports).scopes.includes('silence');
  return ports.alerts(
    request.headers['x-tocsin-live'] !== undefined,
    isNews ? Math.min(changed + CLOCKS_DIFFER, now) : undefined,
  );
}

/** Says why a form is not accepted; undefined: it is one of these pages'. */
export function formProblem(request: FastifyRequest, { access }: Pick<WebPorts, 'access'>): string | undefined {
  if (!isSameOrigin(request.headers, access()))
    return 'The form was sent from another site. Behind a proxy, set `external_url` to the address that users open.';
  const cookie = request.cookies[FORM_COOKIE];
  const given = fieldOf(request.body, 'form');
  if (cookie === undefined || !isSameText(cookie, given))
    return 'The form has expired, or cookies are disabled. Reload the page and submit it again.';
  return undefined;
}

/** Why this visitor cannot change silences and acknowledgements, with the next step; undefined: they can. */
export function changeRefusal(
  { caller }: Pick<PageContext, 'caller'>,
  request: FastifyRequest,
  ports: Pick<WebPorts, 'access'>,
): string | undefined {
  if (caller.scopes.includes('silence')) return undefined;
  if (caller.kind === 'oidc') return 'You have read access only: none of your groups may silence.';
  if (caller.name !== undefined) return 'Your token does not have the scope `silence`.';
  if (ports.access().tokens.length > 0 || ports.access().oidc !== undefined) return 'Sign in to silence and acknowledge.';
  const refused = mayChange({ headers: request.headers, remoteAddress: request.socket.remoteAddress }, ports.access());
  return refused.ok ? undefined : refused.message;
}

/** A path of this server: an address of another one is not followed. */
export function nextPath(text: string): string {
  if (!/^\/(?![/\\])[^\s\\\p{Cc}\p{Cs}]{0,2000}$/u.test(text)) return '/';
  // A header holds no other characters.
  return text.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
}

/** A field of a form or a parameter of a query; the empty text where there is none. */
export function fieldOf(fields: unknown, name: string): string {
  const value = own((fields ?? {}) as Readonly<Record<string, unknown>>, name);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : '';
}

/** A moment in ISO 8601, UTC unless it has a zone; undefined for any other text. */
export function momentOf(text: string): Instant | undefined {
  if (!/^\d{4}-\d\d-\d\d/.test(text) || text.length > 40) return undefined;
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) || text.length === 10 ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** The number of a page of a list. */
export function pageNumber(query: unknown): number {
  const text = fieldOf(query, 'page');
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 1;
}

/** What a page says that cannot be shown, with the next step. */
export function problemContent(title: string, message: string): PageMarkup {
  return html`<h1>${title}</h1><p class="note problem">${withCode(message)}</p><p><a href="/">Overview</a></p>`;
}
