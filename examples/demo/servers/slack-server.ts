import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../../src/core/json.ts';

/** An HTTP server on a free port of this machine that takes messages as Slack's incoming webhooks do. */
export interface DemoSlackServer {
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY = 1_048_576;

/** Starts the server and calls `take` with each message; a message that `take` rejects is answered with 400. */
export async function startSlackServer(take: (message: JsonObject) => Promise<void>): Promise<DemoSlackServer> {
  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => take(JSON.parse(body) as JsonObject))
      .then(
        () => response.writeHead(200, { 'content-type': 'text/plain' }).end('ok'),
        () => response.writeHead(400, { 'content-type': 'text/plain' }).end('invalid_payload'),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/demo`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) throw new Error('too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
