import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TEST_CERTIFICATE, TEST_KEY } from '../certificate.ts';

/** What a client sent. */
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server in this process that answers as a test says. */
export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  readonly sent: readonly Sent[];
}

/** Answers a request; may leave it hanging or destroy its connection. */
export type Answer = (response: ServerResponse, sent: Sent, count: number) => void;

/** Starts a server on a free port of 127.0.0.1; with `tls` it shows the certificate of the tests, with `asks` it wants to see it too. */
export async function fakeServer(answer: Answer, { tls = false, asks = false } = {}): Promise<FakeServer> {
  const sent: Sent[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      sent.push(one);
      answer(response, one, sent.length);
    });
  };
  const options = { key: TEST_KEY, cert: TEST_CERTIFICATE, ...(asks && { ca: TEST_CERTIFICATE, requestCert: true }) };
  const server: Server = tls ? createTlsServer(options, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    sent,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers as Elasticsearch does: JSON, with the header by which its clients know it. */
export function asElasticsearch(response: ServerResponse, body: unknown, status = 200): void {
  const headers = {
    'content-type': 'application/vnd.elasticsearch+json;compatible-with=8',
    'x-elastic-product': 'Elasticsearch',
  };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
