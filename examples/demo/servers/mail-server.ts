import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail as the demo's server took it. */
export interface DemoMail {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly html: string;
  /** The mail's source, as an .eml file holds it. */
  readonly source: Buffer;
}

/** A real SMTP server on a free port of this machine. */
export interface DemoMailServer {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_MAIL = 10 * 1_048_576;

/** Starts the server and calls `take` with each complete mail; a mail that `take` rejects is refused. */
export async function startMailServer(take: (mail: DemoMail) => Promise<void>): Promise<DemoMailServer> {
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MAX_MAIL,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        parse(Buffer.concat(chunks))
          .then(take)
          .then(() => done(), done);
      });
    },
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1') as Server;
  const sockets = new Set<Socket>();
  listening.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // The end of the demo does not wait for idle connections.
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function parse(source: Buffer): Promise<DemoMail> {
  const parsed = await simpleParser(source);
  const to = Array.isArray(parsed.to) ? parsed.to : [parsed.to];
  return {
    subject: parsed.subject ?? '',
    from: parsed.from?.text ?? '',
    to: to.map((one) => one?.text ?? '').join(', '),
    html: parsed.html || '',
    source,
  };
}
