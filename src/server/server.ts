import type { ServerResponse } from 'node:http';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { alertPage, noAlertPage } from './alert-page.ts';
import { type AlertmanagerPorts, alertmanagerApi } from './api/alertmanager.ts';
import type { ServiceMetrics } from './metrics.ts';
import { overviewPage } from './overview-page.ts';
import type { HealthCheck, PresentAlerts, ServiceStatus } from './status.ts';
import { statusJson } from './status-json.ts';

/** What the server shows. */
export interface ServerParts {
  readonly status: () => ServiceStatus;
  /** The alerts as they are now; never rejects. */
  readonly alerts: () => Promise<PresentAlerts>;
  /** Whether the process should live on; asked apart from the status, so that no data it shows can end the process. */
  readonly healthy: () => HealthCheck;
  readonly metrics: Pick<ServiceMetrics, 'contentType' | 'text'>;
  /** What Alertmanager's API is served from, beside `status` and `alerts`. */
  readonly alertmanager: Omit<AlertmanagerPorts, 'status' | 'alerts'>;
}

/** The HTTP server of a service: health, readiness, metrics and a page, all read-only, and Alertmanager's API, which changes silences. */
export interface Server {
  /** Resolves with the address, such as `http://127.0.0.1:9095`; rejects when it cannot listen. */
  listen(host: string, port: number): Promise<string>;
  close(): Promise<void>;
  /** Answers a request without a network, for tests. */
  readonly inject: FastifyInstance['inject'];
}

/** Concurrent connections: enough for a few scrapers and users, without exhausting what searches and mails need. */
const MOST_CONNECTIONS = 256;
const LIMITS = {
  bodyLimit: 1_024,
  connectionTimeout: 30_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 10_000,
  maxRequestsPerSocket: 1_000,
};
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};

/** Makes the server; it listens to nothing yet. */
export function createServer({ status, alerts, healthy, metrics, alertmanager }: ServerParts): Server {
  // Idle connections of a scraper must not hold up an orderly stop.
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    // What cannot even be read as a path gets no echo of it.
    frameworkErrors: (_error, _request, reply) => sendBadRequest(reply),
    // Those that are not answered in time are looked for this often, ms.
    http: { connectionsCheckingInterval: 5_000 },
    ...LIMITS,
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  app.addHook('onSend', async (_request, reply) => void reply.headers(SECURITY_HEADERS));
  app.get('/-/healthy', (_request, reply) => answerCheck(reply, healthy(), 'healthy'));
  app.get('/-/ready', (_request, reply) => answerCheck(reply, status().ready, 'ready'));
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  app.get('/api/v1/status', async (_request, reply) => reply.send(statusJson(status(), await alerts())));
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(overviewPage(status(), await alerts())));
  app.get<{ Params: { id: string } }>('/alerts/:id', async ({ params }, reply) => {
    const found = alertPage(params.id, await alerts());
    return reply
      .code(found === undefined ? 404 : 200)
      .type('text/html; charset=utf-8')
      .send(found ?? noAlertPage());
  });
  app.register(async (api) => alertmanagerApi(api, { ...alertmanager, status, alerts }), { prefix: '/api/v2' });
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
