import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonText } from '../../../core/json.ts';
import { eventClient } from '../../web/events.ts';
import { callerOfPage } from '../../web/page-context.ts';
import type { WebPorts } from '../../web/ports.ts';
import { type Caller, CHANGES, callerOf, mayChange } from '../access.ts';
import { openApiDocument } from './openapi.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { type ApiProblem, ApiRefusal, problemBodyOf } from './problem.ts';

const LONGEST_BODY = 64 * 1_024;
const SEND_TOKEN = 'send the header Authorization: Bearer TOKEN with a token of `server.tokens`';
const SIGN_IN = `${SEND_TOKEN}, or sign in at /login`;

/** Tocsin's own API, below the prefix that the app is registered with. */
export function ownApi(app: FastifyInstance, ports: WebPorts): void {
  // A form of another page can send text without asking first, and must not be read as a change.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOf(error)));
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, { status: 404, detail: 'unknown path', next: 'all paths are in /api/v1/openapi.json' }),
  );
  app.get('/openapi.json', (_request, reply) => reply.send(openApiDocument(ports.status().version)));
  app.get('/events', (request, reply) => {
    const isAllowed = () => mayRead(callerOfPage(request, ports), false, ports);
    isAllowed();
    return follow(request, reply, ports, isAllowed);
  });
  for (const operation of OPERATIONS) route(app, operation, ports);
}

function route(app: FastifyInstance, operation: Operation, ports: WebPorts): void {
  const { method, path, query, body, needs, run } = operation;
  app.route<{ Params: { id?: string } }>({
    method,
    url: path.replace(/\{(\w+)\}/g, ':$1'),
    bodyLimit: LONGEST_BODY,
    schema: { ...(query !== undefined && { querystring: query }), ...(body !== undefined && { body }) },
    ...(needs === 'silence' && CHANGES),
    // Permission is checked before anything is read of what is sent.
    onRequest: async (request) => {
      if (needs === 'silence') allowedToChange(request, ports);
      else mayRead(callerOfPage(request, ports), needs === 'cluster', ports);
    },
    handler: async (request, reply) => {
      const by = needs === 'silence' ? allowedToChange(request, ports) : undefined;
      const given = {
        id: request.params.id ?? '',
        query: request.query as Readonly<Record<string, unknown>>,
        body: request.body,
        by,
      };
      return reply.type('application/json; charset=utf-8').send(jsonText(await run(ports, given)));
    },
  });
}

/** By the headers of the request alone: what a browser sends by itself does not permit a change. */
function allowedToChange(request: FastifyRequest, ports: WebPorts): string | undefined {
  const asked = { headers: request.headers, remoteAddress: request.socket.remoteAddress };
  const allowed = mayChange(asked, ports.access());
  if (allowed.ok) return callerOf(asked, ports.access()).name;
  throw new ApiRefusal(
    allowed.status,
    allowed.message,
    allowed.status === 401 ? SEND_TOKEN : 'see `server` in docs/configuration.md',
  );
}

function mayRead({ scopes }: Caller, searches: boolean, ports: WebPorts): void {
  if (scopes.includes('read') || (!searches && ports.access().requireLogin !== true)) return;
  throw new ApiRefusal(
    401,
    searches ? 'searching the cluster, and showing its documents, requires a login' : 'reading requires a login',
    SIGN_IN,
  );
}

function follow(
  request: FastifyRequest,
  reply: FastifyReply,
  { events, sessions }: WebPorts,
  isAllowed: () => void,
): FastifyReply {
  const { raw } = reply;
  const last = request.headers['last-event-id'];
  const client = eventClient(raw);
  let written = false;
  const lazily = {
    ...client,
    send: (text: string) => {
      // The login may have ended since the last event.
      void sessions.current();
      try {
        isAllowed();
      } catch {
        client.end();
        return false;
      }
      if (!written) {
        written = true;
        const headers = {
          ...reply.getHeaders(),
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        };
        raw.writeHead(200, headers as Readonly<Record<string, string>>);
      }
      return client.send(text);
    },
  };
  if (!events.follow(lazily, typeof last === 'string' ? last : undefined))
    throw new ApiRefusal(503, 'too many clients are connected to the event stream', 'close other pages, or try again later');
  return reply.hijack();
}

function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiRefusal) return error.problem;
  const { statusCode, validation, message } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly statusCode?: unknown;
    readonly validation?: unknown;
    readonly message?: unknown;
  };
  if (validation !== undefined)
    return { status: 400, detail: unknownKey(validation) ?? String(message), next: 'the parameters are in /api/v1/openapi.json' };
  if (statusCode === 429) return { status: 429, detail: 'too many requests', next: 'try again in a minute' };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return {
      status: statusCode,
      detail: 'invalid request',
      next: 'send JSON with Content-Type: application/json, within 64 KB',
    };
  return { status: 500, detail: 'internal error', next: 'see Tocsin’s log, and please report it' };
}

/** A key that there is not, by its name: the message of the validator leaves it out. */
function unknownKey(validation: unknown): string | undefined {
  const [first] = (Array.isArray(validation) ? validation : []) as readonly { params?: { additionalProperty?: unknown } }[];
  const key = first?.params?.additionalProperty;
  return typeof key === 'string' ? `unknown key ${JSON.stringify(key.slice(0, 60))}` : undefined;
}

function sendProblem(reply: FastifyReply, problem: ApiProblem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(jsonText(problemBodyOf(problem)));
}
