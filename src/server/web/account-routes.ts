import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CHANGES } from '../api/access.ts';
import { accountContent } from './account-pages.ts';
import { leadOn } from './lead-on.ts';
import { takeIdToken } from './login-routes.ts';
import { fieldOf, formProblem, type PageContext, pageContext, problemContent } from './page-context.ts';
import type { WebPorts } from './ports.ts';
import { SESSION_COOKIE } from './session.ts';

/** The page of one's own session, and ending it and others. */
export function accountRoutes(app: FastifyInstance, ports: WebPorts): void {
  app.get('/account', (request, reply) => {
    const context = pageContext(request, reply, ports);
    const { session, scopes } = context.caller;
    if (session === undefined && !scopes.includes('admin')) return reply.redirect('/login?next=%2Faccount');
    return context.send('Your session', '/account', accountOf(context, ports));
  });
  app.post('/logout', CHANGES, (request, reply) => signOut(request, reply, ports, 'signed out'));
  app.post('/logout/everywhere', CHANGES, (request, reply) => signOut(request, reply, ports, 'signed out everywhere'));
  app.post('/account/end', CHANGES, (request, reply) => endOthers(request, reply, ports));
}

function accountOf({ caller, formToken }: PageContext, ports: WebPorts, done?: string) {
  return accountContent({
    ...{ caller, formToken, done, problem: ports.sessions.problem() },
    people: caller.scopes.includes('admin') ? ports.sessions.people() : undefined,
  });
}

/** Ends the session of the browser, or all of the same person, and that at the provider where it takes that. */
async function signOut(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: WebPorts,
  done: 'signed out' | 'signed out everywhere',
): Promise<FastifyReply> {
  const context = pageContext(request, reply, ports);
  const problem = formProblem(request, ports);
  if (problem !== undefined) return context.send('Error', '', problemContent('Not signed out', problem), 403);
  const { session, name = '', kind } = context.caller;
  reply.clearCookie(SESSION_COOKIE, { path: '/' });
  const idToken = takeIdToken(request, reply, ports);
  if (session === undefined) return reply.redirect('/login', 303);
  const isKnown = await (done === 'signed out'
    ? ports.sessions.end(session, name)
    : ports.sessions.endAllOf({ user: session.user, name }));
  ports.auditSession({ done, name, user: session.user, by: name });
  const after = kind === 'oidc' ? await ports.provider()?.endUrl(idToken) : undefined;
  const text = isKnown
    ? after === undefined
      ? undefined
      : 'Your session in Tocsin has ended. Next, you are signed out at the provider.'
    : 'Your session has ended on this replica. The other replicas are notified as soon as Elasticsearch responds.';
  if (text === undefined) return reply.redirect('/login', 303);
  return leadOn(request, reply, ports, { title: 'Signed out', text, href: after ?? '/login' });
}

async function endOthers(request: FastifyRequest, reply: FastifyReply, ports: WebPorts): Promise<FastifyReply> {
  const context = pageContext(request, reply, ports);
  const refuse = (code: number, why: string) => context.send('Error', '/account', problemContent('Not ended', why), code);
  const problem = formProblem(request, ports);
  if (problem !== undefined) return refuse(403, problem);
  const { caller } = context;
  if (!caller.scopes.includes('admin') || caller.name === undefined)
    return refuse(
      403,
      'Only admins can end other people’s sessions: sign in with a token that has the scope `admin`, or as a member of an `admin` group.',
    );
  const user = fieldOf(request.body, 'user');
  const person = ports.sessions.people().find((one) => one.user === user);
  const isAll = fieldOf(request.body, 'everyone') === 'true';
  if (person === undefined && !isAll) return refuse(404, 'This user has no sessions. They may have expired.');
  const isKnown = await (isAll || person === undefined ? ports.sessions.endAll() : ports.sessions.endAllOf(person));
  const name = isAll ? 'everyone' : (person?.name ?? '');
  ports.auditSession({ done: 'sessions ended', name, user: isAll ? '' : user, by: caller.name });
  // One's own may be among them.
  const after = pageContext(request, reply, ports);
  if (caller.session !== undefined && after.caller.session === undefined) return reply.redirect('/login', 303);
  const when = isKnown ? 'within seconds on all replicas' : 'on this replica; on others as soon as Elasticsearch responds';
  return after.send('Your session', '/account', accountOf(after, ports, `The sessions of ${name} have ended: ${when}.`));
}
