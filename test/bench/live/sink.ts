import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A receiver on loopback that notes when messages came, and answers each with 200. */
export interface Sink extends AsyncDisposable {
  readonly url: string;
  /** When each message came, ms since 1970, in order. */
  readonly arrivals: readonly number[];
}

/** Starts a sink on a free port. */
export async function startSink(): Promise<Sink> {
  const arrivals: number[] = [];
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      arrivals.push(Date.now());
      response.end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    arrivals,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
