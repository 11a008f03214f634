import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Duration } from '../../core/time.ts';
import type { EmailOptions } from './options.ts';

/** A mail ready for the wire. */
export interface Letter {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** A recipient that the server refused, with its reply code; undefined: the reply had none. */
export interface RefusedAddress {
  readonly address: string;
  readonly code: number | undefined;
  readonly text: string;
}

/** How one alert group with an SMTP server ended. `handedOver`: the whole mail was on its way, so the server may have taken it. */
export type SmtpResult =
  | { readonly kind: 'accepted'; readonly refused: readonly RefusedAddress[]; readonly serverMessageId: string | undefined }
  | { readonly kind: 'failed'; readonly error: Error; readonly handedOver: boolean }
  | { readonly kind: 'aborted'; readonly handedOver: boolean };

// The signal ends everything earlier; these only close a forgotten connection eventually.
const PHASE_TIMEOUT: Duration = 60_000;

/**
 * Sends one mail over one connection of its own, and closes it. Not nodemailer's transport: that can neither be stopped by a signal nor
 * say whether the mail had left when a line broke, which is what decides between a retry and a possible duplicate.
 */
export async function sendLetter(letter: Letter, options: EmailOptions, signal: AbortSignal): Promise<SmtpResult> {
  const connection = await connectionTo(options);
  return new Promise((resolve) => {
    let handedOver = false;
    let settled = false;
    const settle = (result: SmtpResult) => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', abort);
      if (result.kind === 'accepted') connection.quit();
      connection.close();
      resolve(result);
    };
    const abort = () => settle({ kind: 'aborted', handedOver });
    const fail = (error: Error) => settle({ kind: 'failed', error, handedOver });
    connection.on('error', fail);
    connection.on('end', () => fail(new Error('the server closed the connection')));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) return abort();

    const send = () => {
      const body = Readable.from([letter.raw]).once('end', () => {
        handedOver = true;
      });
      connection.send({ from: letter.from, to: [...letter.to], size: letter.raw.length }, body, (error, info) => {
        if (error !== null && error !== undefined) return fail(error);
        settle({ kind: 'accepted', refused: refusedOf(info), serverMessageId: info?.serverMessageId });
      });
    };
    connection.connect((error) => {
      if (error !== undefined) return fail(error);
      if (options.auth === undefined) return send();
      connection.login({ user: options.auth.username, pass: options.auth.password.reveal() }, (denied) =>
        denied === null ? send() : fail(denied),
      );
    });
  });
}

function refusedOf(info: SMTPConnection.SentMessageInfo | undefined): readonly RefusedAddress[] {
  const errors = info?.rejectedErrors ?? [];
  return (info?.rejected ?? []).map((address) => {
    const error = errors.find(({ recipient }) => recipient === address);
    return { address, code: error?.responseCode, text: error?.message ?? 'refused' };
  });
}

/** A connection that is not open yet, as the options want it. The library is loaded only where mail is sent: most commands send none. */
export async function connectionTo(options: EmailOptions): Promise<SMTPConnection> {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  return new Connection({
    host: options.host,
    port: options.port,
    secure: options.implicitTls,
    requireTLS: options.requireTls && !options.implicitTls,
    tls: { rejectUnauthorized: options.verifyCertificate, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    connectionTimeout: PHASE_TIMEOUT,
    greetingTimeout: PHASE_TIMEOUT,
    socketTimeout: PHASE_TIMEOUT,
    // After QUIT, and after giving up, a server gets this long to close its side: a stop of the service must not wait for it.
    socketCloseTimeout: 1_000,
    ...(options.hello === undefined ? {} : { name: options.hello }),
  });
}
