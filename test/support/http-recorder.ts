import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the recorder got it. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How the recorder answers a request: with a status, never, or by dropping the line (`mid-body`: after the head of an answer). */
export type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly endless: number }
  | 'hang'
  | 'hang-in-body'
  | 'drop';

/** A real HTTP server on a free port of 127.0.0.1 that keeps what it gets and answers as notified. */
export interface HttpRecorder extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Replies of the next requests, in order; afterwards the default. */
  script(...replies: readonly Reply[]): void;
  /** Resolves when the recorder has got `count` requests in all. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a recorder; without a script it answers `otherwise`, which may depend on the request, by default 200 `ok` as Slack does. */
export async function startHttpRecorder(
  otherwise: Reply | ((request: RecordedRequest) => Reply) = { status: 200, body: 'ok' },
): Promise<HttpRecorder> {
  const requests: RecordedRequest[] = [];
  const scripted: Reply[] = [];
  let waiting: { readonly count: number; readonly done: () => void }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const recorded = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    requests.push(recorded);
    for (const one of waiting.filter(({ count }) => count <= requests.length)) one.done();
    waiting = waiting.filter(({ count }) => count > requests.length);
    answer(response, scripted.shift() ?? (typeof otherwise === 'function' ? otherwise(recorded) : otherwise));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => stop(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (...replies) => void scripted.push(...replies),
    received: (count) =>
      requests.length >= count ? Promise.resolve() : new Promise((done) => void waiting.push({ count, done })),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return;
  if (reply === 'drop') {
    response.socket?.destroy();
  } else if (reply === 'hang-in-body') {
    response.writeHead(200);
    response.write('o');
  } else if ('endless' in reply) {
    response.writeHead(reply.endless);
    const chunk = 'x'.repeat(64 * 1024);
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  } else {
    response.writeHead(reply.status, reply.headers).end(reply.body ?? '');
  }
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
