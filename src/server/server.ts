import type { ServerResponse } from 'node:http';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { type Instant, SECOND } from '../core/time.ts';
import { type AlertmanagerPorts, alertmanagerApi } from './api/alertmanager.ts';
import { ownApi } from './api/v1/routes.ts';
import type { ServiceMetrics } from './metrics.ts';
import type { HealthCheck, PresentAlerts, ServiceStatus } from './status.ts';
import { statusJson } from './status-json.ts';
import { callerOfPage } from './web/page-context.ts';
import type { WebPorts } from './web/ports.ts';
import { pageRoutes } from './web/routes.ts';
import { SESSION_COOKIE } from './web/session.ts';

/** What the server shows. */
export interface ServerParts {
  readonly status: () => ServiceStatus;
  /** The alerts as they were some seconds ago, with `newest` as they are now, and with `since` not as they were before it; never rejects. */
  readonly alerts: (newest?: boolean, since?: Instant) => Promise<PresentAlerts>;
  /** Whether the process should live on; asked apart from the status, so that no data it shows can end the process. */
  readonly healthy: () => HealthCheck;
  readonly metrics: Pick<ServiceMetrics, 'contentType' | 'text'>;
  /** What Alertmanager's API is served from, beside `status` and `alerts`. */
  readonly alertmanager: Omit<AlertmanagerPorts, 'status' | 'alerts'>;
  /** What pages and Tocsin's own API are served from, beside these. */
  readonly web: Omit<WebPorts, 'status' | 'alerts' | 'silences' | 'routing' | 'access' | 'audit'>;
}

/** The HTTP server of a service: health, readiness and metrics, pages for people, Tocsin's own API and Alertmanager's; the last three change silences and acknowledgements. */
export interface Server {
  /** Resolves with the address, such as `http://127.0.0.1:9095`; rejects when it cannot listen. */
  listen(host: string, port: number): Promise<string>;
  close(): Promise<void>;
  /** Answers a request without a network, for tests. */
  readonly inject: FastifyInstance['inject'];
}

/** Concurrent connections: enough for the pages of a few hundred people, each of which follows events, without exhausting what searches and mails need. */
const MOST_CONNECTIONS = 600;
const LIMITS = {
  bodyLimit: 1_024,
  connectionTimeout: 30_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 10_000,
  maxRequestsPerSocket: 1_000,
};
/** IDs of rules are names that people choose. */
const LONGEST_ID = 1_500;
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  // Not `no-referrer`: browsers would send forms without the origin by which they are known to come from here.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
};

/** Makes the server; it listens to nothing yet. */
export function createServer({ status, alerts, healthy, metrics, alertmanager, web }: ServerParts): Server {
  const { silences, routing, access, audit } = alertmanager;
  const ports: WebPorts = { ...web, status: everySecond(status, web.now), alerts, silences, routing, access, audit };
  // Idle connections of a scraper must not hold up an orderly stop.
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    // What cannot even be read as a path gets no echo of it.
    frameworkErrors: (_error, _request, reply) => sendBadRequest(reply),
    // Those that are not answered in time are looked for this often, ms.
    http: { connectionsCheckingInterval: 5_000 },
    // What a request has too much of is an error, and not left out silently.
    ajv: { customOptions: { removeAdditional: false } },
    routerOptions: { maxParamLength: LONGEST_ID },
    ...LIMITS,
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  app.addHook('onSend', async (_request, reply) => {
    const own = ['cache-control', 'content-security-policy'].flatMap((name) => {
      const value = reply.getHeader(name);
      return value === undefined ? [] : [[name, String(value)] as const];
    });
    reply.headers({ ...SECURITY_HEADERS, ...Object.fromEntries(own) });
  });
  app.register(cookie);
  app.addHook('onRequest', async ({ headers }) => {
    if (headers.cookie?.includes(SESSION_COOKIE)) await web.sessions.current();
  });
  app.register(rateLimit, { global: false });
  app.get('/-/healthy', (_request, reply) => answerCheck(reply, healthy(), 'healthy'));
  app.get('/-/ready', (_request, reply) => answerCheck(reply, status().ready, 'ready'));
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  app.register(async (api) => {
    api.addHook('onRequest', async (request, reply) => {
      // Who only sends alerts needs to read nothing.
      const sends = request.method === 'POST' && request.routeOptions.url === '/api/v2/alerts';
      if (access().requireLogin === true && !sends && !callerOfPage(request, ports).scopes.includes('read'))
        return reply.code(401).header('www-authenticate', 'Bearer').type('text/plain').send('reading requires a login\n');
      return undefined;
    });
    api.get('/api/v1/status', async (_request, reply) => reply.send(statusJson(status(), await alerts())));
    api.register(async (v2) => alertmanagerApi(v2, { ...alertmanager, status, alerts }), { prefix: '/api/v2' });
  });
  app.register(async (api) => ownApi(api, ports), { prefix: '/api/v1' });
  app.register(async (pages) => pageRoutes(pages, ports));
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('not found\n'));
  app.setErrorHandler((error, _request, reply) => {
    const code = statusCodeOf(error);
    // Internal error messages belong in the log, not in a response on an open port.
    return reply
      .code(code)
      .type('text/plain')
      .send(code < 500 ? 'bad request\n' : 'internal error\n');
  });
  return {
    listen: (host, port) => app.listen({ host, port }),
    close: () => app.close(),
    inject: app.inject.bind(app) as FastifyInstance['inject'],
  };
}

/** A status that pages share: it looks at every rule, and many pages may ask for it at once. */
function everySecond(status: () => ServiceStatus, now: () => Instant): () => ServiceStatus {
  let last: { readonly at: number; readonly status: ServiceStatus } | undefined;
  return () => {
    const at = Math.floor(now() / SECOND);
    if (last?.at !== at) last = { at, status: status() };
    return last.status;
  };
}

function sendBadRequest(reply: { readonly raw: ServerResponse }): void {
  reply.raw.writeHead(400, { 'content-type': 'text/plain', ...SECURITY_HEADERS }).end('bad request\n');
}

function answerCheck(reply: FastifyReply, check: HealthCheck, word: string): FastifyReply {
  reply.type('text/plain');
  return check.ok ? reply.send(`${word}\n`) : reply.code(503).send(`not ${word}: ${check.why}\n`);
}

function statusCodeOf(error: unknown): number {
  const code = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof code === 'number' && code >= 400 && code < 600 ? code : 500;
}
