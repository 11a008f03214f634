import type { FastifyReply, FastifyRequest } from 'fastify';
import { html } from './html.ts';
import { callerOfPage, pageContext } from './page-context.ts';
import type { WebPorts } from './ports.ts';
import { SESSION_COOKIE } from './session.ts';

/** Lets readers pass where reading requires a login; sends others to the login page, and back to this one afterwards. */
export async function requireReader(request: FastifyRequest, reply: FastifyReply, ports: WebPorts): Promise<unknown> {
  if (ports.access().requireLogin !== true || callerOfPage(request, ports).scopes.includes('read')) return undefined;
  const { headers, cookies, url } = request;
  const isVisit = headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] === 'navigate';
  // A link in a chat or a mail: the browser has sent no cookies of this site, and may have a session.
  if (isVisit && cookies[SESSION_COOKIE] === undefined)
    return leadOn(request, reply, ports, { title: 'One moment', text: 'The page opens.', href: url });
  return reply.redirect(`/login?next=${encodeURIComponent(url)}`);
}

/** A page that leads on by itself. Cookies that stay on this site are not sent with what a visit from another one is redirected to, and are with this. */
export function leadOn(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: WebPorts,
  { title, text, href }: { readonly title: string; readonly text: string; readonly href: string },
): FastifyReply {
  reply.header('refresh', `0; url=${href}`);
  const content = html`<h1>${title}</h1><p>${text}</p><p><a class="button main" href="${href}">Continue</a></p>`;
  return pageContext(request, reply, ports).send(title, '', content);
}
