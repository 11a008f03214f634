import { createServer, type Socket } from 'node:net';

/** A server on a free port of 127.0.0.1 that does to each connection what a test says, down to the bytes. */
export interface Peer extends AsyncDisposable {
  readonly port: number;
  /** Connections that were made so far. */
  readonly connections: () => number;
}

/** Starts a peer. Whatever it does to a connection ends with that connection, and all of them end with the test. */
export async function startPeer(treat: (socket: Socket) => void): Promise<Peer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Who is hung up on is not to blame.
    socket.on('error', () => undefined);
    treat(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Writes `chunk` again and again, as fast as the other side takes it, until the connection is closed. */
export function pour(socket: Socket, chunk: string | Buffer): void {
  const more = () => {
    if (!socket.destroyed && socket.writable) socket.write(chunk, () => setImmediate(more));
  };
  more();
}

/** Calls `answer` with each request's head, as soon as it is complete. */
export function onRequest(socket: Socket, answer: (head: string) => void): void {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = text.slice(0, end);
    text = '';
    answer(head);
  });
}
