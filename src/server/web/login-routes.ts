import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { own } from '../../core/record.ts';
import { MINUTE } from '../../core/time.ts';
import { tokenNamed } from '../api/access.ts';
import { leadOn } from './lead-on.ts';
import { loginContent, signInProblemContent } from './login-pages.ts';
import { cookieOptions, fieldOf, formProblem, nextPath, pageContext } from './page-context.ts';
import type { SignInProblem, SignInProvider, WebPorts } from './ports.ts';
import { sealed, unsealed } from './sealed.ts';
import { SESSION_COOKIE, SESSION_LENGTH, sessionOf, sessionOfPerson, userOfToken } from './session.ts';

/** Guessing tokens takes long, and people do not sign in more often than this. */
const TOKEN_LOGINS = { config: { rateLimit: { max: 10, timeWindow: MINUTE } } };
/** Each costs requests to the provider; all of a house may come from one address. */
const PROVIDER_LOGINS = { config: { rateLimit: { max: 120, timeWindow: MINUTE } } };
const ATTEMPT_COOKIE = 'tocsin_login_';
const ATTEMPT_PATH = '/login/oidc';
/** Another site can make a browser begin attempts, and must not fill it with cookies. */
const MOST_ATTEMPTS = 5;
/** What the provider needs to end its session. It is encrypted, and sent only where it is used. */
const ID_TOKEN_COOKIE = 'tocsin_id_token';
const ID_TOKEN = { path: '/logout', purpose: 'oidc id token', longest: 3_500 };
const STATUS = { unavailable: 503, refused: 403, invalid: 400 } as const;

/** The pages by which people sign in. */
export function loginRoutes(app: FastifyInstance, ports: WebPorts): void {
  app.get('/login', (request, reply) => loginPage(request, reply, ports, nextPath(fieldOf(request.query, 'next'))));
  app.post('/login', TOKEN_LOGINS, async (request, reply) => {
    const next = nextPath(fieldOf(request.body, 'next'));
    const problem = formProblem(request, ports);
    if (problem !== undefined) return loginPage(request, reply, ports, next, { code: 403, error: problem });
    const token = tokenNamed(fieldOf(request.body, 'token').trim(), ports.access());
    if (token === undefined)
      return loginPage(request, reply, ports, next, { code: 401, error: 'This token is not in `server.tokens`.' });
    const who = { user: userOfToken(token), name: token.name };
    const at = await ports.sessions.begin(who, SESSION_LENGTH);
    ports.auditSession({ done: 'signed in', ...who, by: token.name });
    const session = sessionOf(token, { at, id: ports.newNonce() });
    return reply.setCookie(SESSION_COOKIE, session, cookieOptions(ports, SESSION_LENGTH)).redirect(next, 303);
  });
  app.get('/login/oidc', PROVIDER_LOGINS, async (request, reply) => {
    const provider = ports.provider();
    if (provider === undefined) return reply.redirect('/login');
    const started = await provider.start(nextPath(fieldOf(request.query, 'next')));
    if (!started.ok) return notSignedIn(request, reply, ports, started);
    const { url, state, kept } = started.value;
    const earlier = Object.keys(request.cookies).filter((name) => name.startsWith(ATTEMPT_COOKIE));
    if (earlier.length >= MOST_ATTEMPTS) for (const name of earlier) reply.clearCookie(name, { path: ATTEMPT_PATH });
    // The browser comes back from another site.
    const options = { ...cookieOptions(ports, 10 * MINUTE), sameSite: 'lax', path: ATTEMPT_PATH } as const;
    return reply.setCookie(attemptCookie(state), kept, options).redirect(url, 303);
  });
  app.get('/login/oidc/callback', PROVIDER_LOGINS, async (request, reply) => {
    const provider = ports.provider();
    if (provider === undefined) return reply.redirect('/login');
    return signIn(request, reply, ports, provider);
  });
}

async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: WebPorts,
  provider: SignInProvider,
): Promise<FastifyReply> {
  const { oidc } = ports.access();
  const name = attemptCookie(fieldOf(request.query, 'state'));
  const kept = own(request.cookies, name) ?? '';
  // An attempt is good for one answer.
  if (kept !== '') reply.clearCookie(name, { path: ATTEMPT_PATH });
  const query = request.url.slice(request.url.indexOf('?') + 1);
  const done = await provider.finish(query, kept);
  if (!done.ok || oidc === undefined) {
    const problem = done.ok ? CHANGED : done;
    return notSignedIn(request, reply, ports, problem);
  }
  const { person, next, idToken } = done;
  const at = await ports.sessions.begin(person, oidc.sessionLength);
  ports.auditSession({ done: 'signed in', name: person.name, user: person.user, by: person.name });
  const session = sessionOfPerson(person, { at, id: ports.newNonce() }, oidc);
  reply.setCookie(SESSION_COOKIE, session, cookieOptions(ports, oidc.sessionLength));
  const hint = sealed(idToken, oidc.sessionKey.reveal(), ID_TOKEN.purpose);
  if (idToken !== '' && hint.length <= ID_TOKEN.longest)
    reply.setCookie(ID_TOKEN_COOKIE, hint, { ...cookieOptions(ports, oidc.sessionLength), path: ID_TOKEN.path });
  const page = { title: 'Signed in', text: `You are signed in as ${person.name}.`, href: nextPath(next) };
  return leadOn(request, reply, ports, page);
}

/** What the provider needs to end its session, as the browser has kept it; the browser forgets it. */
export function takeIdToken(
  request: FastifyRequest,
  reply: FastifyReply,
  { access }: Pick<WebPorts, 'access'>,
): string | undefined {
  const kept = request.cookies[ID_TOKEN_COOKIE];
  if (kept === undefined) return undefined;
  reply.clearCookie(ID_TOKEN_COOKIE, { path: ID_TOKEN.path });
  return unsealed(kept, access().oidc?.sessionKey.reveal() ?? '', ID_TOKEN.purpose);
}

function attemptCookie(state: string): string {
  return ATTEMPT_COOKIE + state.slice(0, 12).replace(/[^\w-]/g, '');
}

const CHANGED: SignInProblem = {
  ...{ ok: false, kind: 'invalid', message: 'The configuration changed while you were signing in.' },
  hint: 'Sign in again.',
};

function notSignedIn(request: FastifyRequest, reply: FastifyReply, ports: WebPorts, problem: SignInProblem): FastifyReply {
  return pageContext(request, reply, ports).send('Not signed in', '/login', signInProblemContent(problem), STATUS[problem.kind]);
}

function loginPage(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: WebPorts,
  next: string,
  failed?: { readonly code: number; readonly error: string },
): FastifyReply {
  const { formToken, send } = pageContext(request, reply, ports);
  const provider = ports.provider();
  const shown = {
    ...{ next, formToken, error: failed?.error, takesTokens: ports.access().tokens.length > 0 },
    provider: provider && {
      ...{ label: provider.label, problem: provider.problem() },
      href: `${provider.startUrl()}?next=${encodeURIComponent(next)}`,
    },
  };
  return send('Sign in', '/login', loginContent(shown), failed?.code ?? 200);
}
