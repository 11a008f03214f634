import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { type AddressObject, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { TEST_CERTIFICATE, TEST_KEY } from './certificate.ts';

/** One mail as the server took it, read back with a parser of its own. */
interface ReceivedMail {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly messageId: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly references: readonly string[];
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly headers: ReadonlyMap<string, unknown>;
  readonly text: string;
  readonly html: string;
  /** The mail's source. */
  readonly raw: string;
  /** Whether it came over TLS, and who had logged in. */
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** Where the server fails and how: with a reply code, by dropping the line, or by never answering. */
export interface SmtpFailure {
  readonly at: 'connect' | 'mail' | 'recipient' | 'data' | 'end-of-data';
  readonly how: number | 'drop' | 'hang';
  /** Only for this recipient; else for all. */
  readonly recipient?: string;
}

/** A real SMTP server on a free port of 127.0.0.1 that keeps what it takes and fails as notified. */
export interface SmtpRecorder extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Failures that hold until the next call; none: it takes everything. */
  fail(...failures: readonly SmtpFailure[]): void;
  /** Resolves when one of the failures, of now or later, was met. */
  failed(): Promise<void>;
  /** Resolves when the server has taken `count` mails in all. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** What a test may choose of the server. */
export interface SmtpRecorderOptions {
  /** `starttls`: offered; `implicit`: from the first byte; `none`: not offered (default). */
  readonly tls?: 'none' | 'starttls' | 'implicit';
  /** The only user name and password that are let in; without them nobody needs to log in. */
  readonly login?: { readonly username: string; readonly password: string };
  /** What becomes of the answer to a mail that was taken; by default it is sent. */
  readonly afterTaking?: (mail: ReceivedMail) => AnswerTo | Promise<AnswerTo>;
}

/** Sends the answer, breaks the line before it, or never sends it. */
export type AnswerTo = 'answer' | 'drop' | 'hang';

/** Starts a server. Its certificate, where TLS is offered, is the self-signed one of `certificate.ts`. */
export async function startSmtpServer(options: SmtpRecorderOptions = {}): Promise<SmtpRecorder> {
  const mails: ReceivedMail[] = [];
  let failures: readonly SmtpFailure[] = [];
  let waiting: { readonly count: number; readonly done: () => void }[] = [];
  const take = (mail: ReceivedMail) => {
    mails.push(mail);
    for (const one of waiting.filter(({ count }) => count <= mails.length)) one.done();
    waiting = waiting.filter(({ count }) => count > mails.length);
  };
  let meet: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const server = new SMTPServer({ ...protocol(options), ...handlers(() => failures, meet, take, options) });
  // Lines that tests drop are not the server's errors.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1') as Server;
  const sockets = new Set<import('node:net').Socket>();
  listening.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (failures.some((one) => one.at === 'connect' && one.how === 'drop')) socket.destroy();
  });
  await once(listening, 'listening');
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return {
    host: '127.0.0.1',
    port: (listening.address() as AddressInfo).port,
    mails,
    fail: (...given) => {
      failures = given;
    },
    failed: () => met,
    received: (count) => (mails.length >= count ? Promise.resolve() : new Promise((done) => void waiting.push({ count, done }))),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function protocol({ tls = 'none', login }: SmtpRecorderOptions): SMTPServerOptions {
  const disabledCommands = [...(tls === 'none' ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])];
  return {
    key: TEST_KEY,
    cert: TEST_CERTIFICATE,
    secure: tls === 'implicit',
    disabledCommands,
    authOptional: login === undefined,
    allowInsecureAuth: true,
    closeTimeout: 1_000,
  };
}

function handlers(
  failures: () => readonly SmtpFailure[],
  meet: () => void,
  take: (mail: ReceivedMail) => void,
  options: SmtpRecorderOptions,
): SMTPServerOptions {
  const stumble = (at: SmtpFailure['at'], socketOf: () => void, done: (error?: Error | null) => void, recipient?: string) => {
    const failure = failures().find((one) => one.at === at && (one.recipient === undefined || one.recipient === recipient));
    if (failure === undefined) return done();
    meet();
    if (failure.how === 'drop') socketOf();
    else if (failure.how !== 'hang')
      done(Object.assign(new Error(`told to fail with ${failure.how}`), { responseCode: failure.how }));
  };
  const dropOf = (server: SMTPServer, id: string) => () => {
    for (const connection of server.connections as Iterable<{ id: string; _socket: { destroy(): void } }>) {
      if (connection.id === id) connection._socket.destroy();
    }
  };
  return {
    onConnect(session, done) {
      stumble('connect', dropOf(this as unknown as SMTPServer, session.id), done);
    },
    onAuth(auth, _session, done) {
      const known = auth.username === options.login?.username && auth.password === options.login?.password;
      done(known ? null : new Error('wrong user name or password'), known ? { user: auth.username } : undefined);
    },
    onMailFrom(_address, session, done) {
      stumble('mail', dropOf(this as unknown as SMTPServer, session.id), done);
    },
    onRcptTo(address, session, done) {
      stumble('recipient', dropOf(this as unknown as SMTPServer, session.id), done, address.address);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      const drop = dropOf(this as unknown as SMTPServer, session.id);
      if (failures().some((one) => one.at === 'data' && one.how === 'drop')) return drop();
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        stumble('end-of-data', drop, async (error) => {
          if (error !== undefined && error !== null) return done(error);
          const mail = await parse(Buffer.concat(chunks), session);
          take(mail);
          const answer = (await options.afterTaking?.(mail)) ?? 'answer';
          if (answer === 'drop') drop();
          else if (answer === 'answer') done();
        });
      });
    },
  };
}

async function parse(raw: Buffer, session: Parameters<NonNullable<SMTPServerOptions['onData']>>[1]): Promise<ReceivedMail> {
  const mail = await simpleParser(raw);
  const references = mail.references ?? [];
  return {
    envelope: {
      from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
      to: session.envelope.rcptTo.map(({ address }) => address),
    },
    messageId: mail.messageId,
    inReplyTo: mail.inReplyTo,
    references: typeof references === 'string' ? [references] : references,
    subject: mail.subject ?? '',
    from: textOf(mail.from),
    to: textOf(mail.to),
    cc: textOf(mail.cc),
    headers: mail.headers,
    text: mail.text ?? '',
    html: mail.html || '',
    raw: raw.toString('utf8'),
    secure: session.secure,
    user: typeof session.user === 'string' ? session.user : undefined,
  };
}

function textOf(addresses: AddressObject | AddressObject[] | undefined): string {
  return [addresses ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}
