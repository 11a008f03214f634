import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What a gate does with a request. */
export type Fate =
  | 'pass'
  /** The cluster never sees it, and the line breaks. */
  | 'lose the request'
  /** The cluster does it, and the line breaks before a word of the answer: a lost acknowledgement. */
  | 'lose the answer'
  /** The line breaks half-way through the answer's body. */
  | 'half an answer'
  /** The cluster never sees it, and nobody ever answers. */
  | 'hang'
  /** The cluster does it, and nobody ever answers. */
  | 'hang after it was done'
  | { readonly delay: number }
  | { readonly status: number; readonly body: object };

/** A request on its way, with all of its body. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly payload: string;
}

/** An answer of the cluster. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** What a gate asks and reports each request: `done` when the cluster has answered, before its client hears of it; `sent` when it has. */
export interface Watch {
  fate(request: Passing): Fate | Promise<Fate>;
  done(request: Passing, answer: Answer): void | Promise<void>;
  sent(request: Passing): void;
}

/** A door to a cluster that may fail in every way a network can. */
export interface Gate extends AsyncDisposable {
  readonly url: string;
  /** Sends what comes from now on to another address. */
  redirect(target: string): void;
}

/** Opens a gate on a free port of 127.0.0.1 before the server at `target`. */
export async function openGate(target: string, watch: Watch): Promise<Gate> {
  let goal = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    serve(request, response, watch, agent, goal).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    redirect: (url) => {
      goal = new URL(url);
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, watch: Watch, agent: Agent, goal: URL): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const payload = Buffer.concat(chunks);
  const passing = { method: request.method ?? 'GET', path: request.url ?? '/', payload: payload.toString('utf8') };
  const fate = await watch.fate(passing);
  if (fate === 'hang') return;
  if (fate === 'lose the request') {
    response.destroy();
    return;
  }
  if (typeof fate === 'object' && 'status' in fate) return reply(response, fate.status, JSON_TYPE, JSON.stringify(fate.body));
  if (typeof fate === 'object') await pause(fate.delay);
  const answer = await forward(request, payload, agent, goal);
  await watch.done(passing, answer);
  if (fate === 'hang after it was done') return;
  if (fate === 'lose the answer') response.destroy();
  else if (fate === 'half an answer') {
    const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
    response.writeHead(answer.status, { ...headersOf(answer.type), 'content-length': answer.body.length });
    response.write(half, () => response.destroy());
  } else {
    response.once('finish', () => watch.sent(passing));
    reply(response, answer.status, answer.type, answer.body);
  }
}

const JSON_TYPE = 'application/vnd.elasticsearch+json;compatible-with=8';

function headersOf(type: string): Record<string, string> {
  return { 'content-type': type, 'x-elastic-product': 'Elasticsearch' };
}

function reply(response: ServerResponse, status: number, type: string, body: Buffer | string): void {
  response.writeHead(status, headersOf(type)).end(body);
}

function forward(request: IncomingMessage, payload: Buffer, agent: Agent, goal: URL): Promise<Answer> {
  const { accept, 'content-type': type } = request.headers;
  const login = goal.username === '' ? {} : { auth: `${goal.username}:${decodeURIComponent(goal.password)}` };
  return new Promise((resolve, reject) => {
    const onward = httpRequest(
      {
        agent,
        host: goal.hostname,
        port: goal.port,
        method: request.method,
        path: request.url,
        headers: { ...(accept && { accept }), ...(type && { 'content-type': type }), 'content-length': payload.length },
        ...login,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', body: Buffer.concat(chunks) }),
        );
      },
    );
    onward.on('error', reject);
    onward.end(payload);
  });
}
