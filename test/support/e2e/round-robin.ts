import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A proxy that hands each request to the next of the replicas behind it, as a load balancer does. */
export interface RoundRobin extends AsyncDisposable {
  readonly url: string;
  /** Behind it from now on. */
  use(...addresses: readonly string[]): void;
  /** Which replica a path that begins so was handed to last. */
  lastOf(path: string): string | undefined;
}

const MOST_BODY = 1_048_576;

/** Starts it, with nothing behind it. A replica that does not take the connection is left out, and the next one is asked. */
export async function startRoundRobin(): Promise<RoundRobin> {
  let behind: readonly string[] = [];
  let turn = 0;
  const handed = new Map<string, string>();
  const sockets = new Set<Socket>();

  const pass = (request: IncomingMessage, response: ServerResponse, body: Buffer, left: number) => {
    const to = behind[turn++ % behind.length];
    if (to === undefined || left === 0) return void response.writeHead(502).end('no replica answers\n');
    const path = request.url ?? '/';
    const asked = ask(to + path, { method: request.method, headers: request.headers }, (answer) => {
      handed.set(path.split('?')[0] ?? '', to);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') pass(request, response, body, left - 1);
      else if (response.headersSent) response.destroy();
      else response.writeHead(502).end('the replica is gone\n');
    });
    response.on('close', () => asked.destroy());
    asked.end(body);
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).subarray(0, MOST_BODY);
    pass(request, response, body, behind.length);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    use: (...addresses) => {
      behind = addresses;
    },
    lastOf: (path) => [...handed].findLast(([known]) => known.startsWith(path))?.[1],
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
