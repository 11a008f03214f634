import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a proxy does with a request: pass it on, do so but lose the answer, or leave it unsent and end the connection. */
type Fate = 'pass' | 'lose the answer' | 'lose the request';

/** A proxy before a cluster that can lose what goes through it. */
export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** Decides about the requests to come, by their path. */
  decide(fate: (path: string) => Fate): void;
}

/** Starts a proxy on a free port of 127.0.0.1 before the server at `target`, which may carry `user:password@`. */
export async function proxyTo(target: string): Promise<Proxy> {
  let decide: (path: string) => Fate = () => 'pass';
  const server = createServer((request, response) => {
    forward(target, decide(request.url ?? ''), request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.toString(),
    decide: (fate) => {
      decide = fate;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(target: string, fate: Fate, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (fate === 'lose the request') {
    response.destroy();
    return;
  }
  const { authorization, accept, 'content-type': type } = request.headers;
  const headers = { ...(authorization && { authorization }), ...(accept && { accept }), ...(type && { 'content-type': type }) };
  const { method = 'GET', url = '/' } = request;
  const body = chunks.length > 0 ? Buffer.concat(chunks) : null;
  const answer = await fetch(new URL(target).origin + url, { method, headers, body });
  const content = Buffer.from(await answer.arrayBuffer());
  if (fate === 'lose the answer') {
    response.destroy();
    return;
  }
  const notified = ['content-type', 'x-elastic-product'].map((name) => [name, answer.headers.get(name) ?? ''] as const);
  response.writeHead(answer.status, Object.fromEntries(notified)).end(content);
}
