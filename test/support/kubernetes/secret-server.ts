import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TEST_CERTIFICATE, TEST_KEY } from '../certificate.ts';

/** One Secret behind an API server of its own, for tests that need no whole Kubernetes; the deployment tests have a real one. */
export interface SecretServer extends AsyncDisposable {
  readonly url: string;
  /** What is in the Secret, decoded. */
  readonly data: Readonly<Record<string, string>>;
  put(key: string, text: string): void;
  /** Answers the next change with this status, as when someone else was quicker. */
  refuseNext(status: number): void;
}

/** Starts one on 127.0.0.1 that knows the Secret `NAMESPACE/NAME` and lets in who bears the token. */
export async function secretServer(namespace: string, name: string, token: string): Promise<SecretServer> {
  const data: Record<string, string> = {};
  let version = 1;
  let refused: number | undefined;
  const server = createServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = (status: number, body: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { message: 'Unauthorized' });
      if (request.url !== `/api/v1/namespaces/${namespace}/secrets/${name}`) return answer(404, { message: 'not found' });
      if (request.method === 'PATCH') {
        if (request.headers['content-type'] !== 'application/merge-patch+json') return answer(415, { message: 'no such patch' });
        const patch = JSON.parse(Buffer.concat(chunks).toString()) as Patch;
        if (refused !== undefined || patch.metadata.resourceVersion !== String(version)) {
          const status = refused ?? 409;
          refused = undefined;
          return answer(status, { message: 'the object has been modified' });
        }
        for (const [key, value] of Object.entries(patch.data)) data[key] = value;
        version += 1;
      }
      return answer(200, { metadata: { name, namespace, resourceVersion: String(version) }, data });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get data() {
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
    },
    put: (key, text) => {
      data[key] = Buffer.from(text).toString('base64');
      version += 1;
    },
    refuseNext: (status) => {
      refused = status;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Patch {
  readonly metadata: { readonly resourceVersion: string };
  readonly data: Readonly<Record<string, string>>;
}
