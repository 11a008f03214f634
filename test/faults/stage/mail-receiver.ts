import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type AnswerTo, type SmtpFailure, startSmtpServer } from '../../support/smtp-server.ts';
import { TEAM } from './files.ts';
import { type Heard, saidIn } from './heard.ts';
import type { Arriving, Hospitality, Manner } from './http-receiver.ts';

/** What stands before the mail server: nothing; no TLS; a line that breaks within the mail's text; no server at all. */
export type MailFront = 'open' | 'no tls' | 'cut within data' | 'closed';

/** A mail server behind a relay that can fail where a server cannot. */
export interface MailReceiver extends AsyncDisposable {
  readonly smarthost: string;
  readonly heard: readonly Heard[];
  /** Mails that were for others than the team alone: a repeat to someone whom the server had refused for the moment. */
  readonly forOthers: readonly string[];
  fail(...failures: readonly SmtpFailure[]): void;
  /** Resolves when a command was refused because of `fail`. */
  refused(): Promise<void>;
  front(front: MailFront): void;
  /** Connections that met with a failure or with another front than `open`. */
  readonly struck: number;
}

/** More than the commands before a mail and its first headers, less than a mail. */
const BYTES_BEFORE_CUT = 2_500;

/** Opens a mail server, one with STARTTLS if `tls`. Of the manners only those that take the mail apply; the others are failures of the protocol. */
export async function openMailReceiver({ manner }: Pick<Hospitality, 'manner'>, tls: boolean): Promise<MailReceiver> {
  const heard: Heard[] = [];
  const forOthers: string[] = [];
  const attempts = new Map<string, number>();
  const afterTaking = async (mail: {
    readonly headers: ReadonlyMap<string, unknown>;
    readonly text: string;
    readonly envelope: { readonly to: readonly string[] };
  }): Promise<AnswerTo> => {
    const message = String(mail.headers.get('x-tocsin-notification'));
    if (!mail.envelope.to.includes(TEAM)) {
      forOthers.push(message);
      return 'answer';
    }
    const attempt = (attempts.get(message) ?? 0) + 1;
    attempts.set(message, attempt);
    const answer = ANSWERS[String(await manner({ message, attempt } satisfies Arriving))] ?? 'answer';
    heard.push({
      receiver: 'mail',
      at: Date.now(),
      message,
      said: saidIn(mail.text.replaceAll('\n', ' ')),
      text: `${String(mail.headers.get('subject'))} ${mail.text}`.replaceAll(/\s+/g, ' '),
      answered: answer === 'answer',
    });
    return answer;
  };
  const secure = await startSmtpServer({ tls: 'starttls', afterTaking });
  const plain = await startSmtpServer({ afterTaking });
  const usual = tls ? secure : plain;
  let front: MailFront = 'open';
  let failing = false;
  let struck = 0;
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    keep(client, sockets);
    if (failing || front !== 'open') struck++;
    if (front === 'closed') return void client.destroy();
    const server = keep(connect(front === 'no tls' ? plain.port : usual.port, '127.0.0.1'), sockets);
    let sent = 0;
    client.on('data', (chunk) => {
      sent += chunk.length;
      if (front === 'cut within data' && sent > BYTES_BEFORE_CUT) {
        client.destroy();
        server.destroy();
      } else server.write(chunk);
    });
    server.on('data', (chunk) => client.write(chunk));
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return {
    smarthost: `127.0.0.1:${(relay.address() as AddressInfo).port}`,
    heard,
    forOthers,
    get struck() {
      return struck;
    },
    fail: (...failures) => {
      failing = failures.length > 0;
      usual.fail(...failures);
    },
    refused: () => usual.failed(),
    front: (next) => {
      front = next;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => relay.close(resolve));
      await Promise.all([secure.close(), plain.close()]);
    },
  };
}

const ANSWERS: Readonly<Partial<Record<string, AnswerTo>>> = { 'lose the answer': 'drop', hang: 'hang' } satisfies Partial<
  Record<Extract<Manner, string>, AnswerTo>
>;

function keep(socket: Socket, sockets: Set<Socket>): Socket {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => undefined);
  return socket;
}
