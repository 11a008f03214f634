import type { FailureKind, Outcome, Receipt } from '../channel.ts';
import { isTimeout } from '../http-client/answer.ts';
import type { EmailOptions } from './options.ts';
import type { RefusedAddress, SmtpResult } from './smtp.ts';

/** The mail that an SMTP alert group was about: the receipt if it is delivered, and its recipients. */
export interface Posted {
  readonly receipt: Receipt;
  readonly to: readonly string[];
  /** `host:port`, for reasons. */
  readonly server: string;
}

/** The server of a destination as reasons name it. */
export function serverOf({ host, port }: Pick<EmailOptions, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What is said of a server that did not answer before its deadline. */
export function noAnswer(server: string, reason: unknown): string {
  const ms = reason instanceof Error && 'ms' in reason && typeof reason.ms === 'number' ? reason.ms : undefined;
  return ms === undefined ? `no answer from ${server} in time` : `no answer from ${server} within ${ms / 1_000} s`;
}

/**
 * What the end of an SMTP alert group means. 4xx is tried again, 5xx is not; a break before the mail was handed over is tried again, one
 * after it may have come too late to matter. One accepted recipient is a delivery, since a repeat would reach them twice: those refused for
 * the moment are to be tried again alone.
 */
export function smtpOutcome(
  result: SmtpResult,
  { receipt, to, server }: Posted,
  signal: AbortSignal,
  hide: (text: string) => string,
): Outcome {
  switch (result.kind) {
    case 'accepted': {
      const names = new Set(result.refused.map(({ address }) => address));
      const refusal = ({ address, text }: RefusedAddress) => ({ address, text: hide(text) });
      const recipients = {
        accepted: to.filter((address) => !names.has(address)),
        deferred: result.refused.filter(isForNow).map(refusal),
        refused: result.refused.filter((one) => !isForNow(one)).map(refusal),
      };
      if (names.size === 0) return { kind: 'delivered', receipt, recipients };
      const text = hide(`the server refused ${[...names].join(', ')}`);
      return { kind: 'delivered', receipt, recipients, warning: { kind: 'refused_recipient', text } };
    }
    case 'aborted': {
      const kind = isTimeout(signal.reason) ? 'timeout' : 'aborted';
      const stopped = kind === 'timeout' ? noAnswer(server, signal.reason) : `interrupted while communicating with ${server}`;
      const text = `${stopped}${result.handedOver ? '; the mail may have arrived' : '; the mail was not sent'}`;
      return { kind: result.handedOver ? 'unknown' : 'retry', reason: { kind, text } };
    }
    case 'failed':
      return failureOutcome(result.error, result.handedOver, server, hide);
  }
}

function isForNow({ code }: RefusedAddress): boolean {
  return code !== undefined && code < 500;
}

interface SmtpError {
  readonly code: string;
  readonly responseCode: number | undefined;
  readonly command: string;
}

function failureOutcome(error: Error, handedOver: boolean, server: string, hide: (text: string) => string): Outcome {
  const details = detailsOf(error);
  const text = `${server}: ${hide(inWords(error))}`;
  const { code, responseCode } = details;
  // Without TLS nothing was sent, and the cure, a certificate or a server's setting, needs no new message.
  if (code === 'ETLS' || code === 'EREQUIRETLS') return { kind: 'retry', reason: { kind: 'tls', text } };
  if (responseCode !== undefined) {
    const kind = responseKind(details);
    return { kind: responseCode >= 500 ? 'rejected' : 'retry', reason: { kind, text } };
  }
  if (code === 'EAUTH') return { kind: 'rejected', reason: { kind: 'unauthorized', text } };
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return { kind: 'rejected', reason: { kind: 'invalid_payload', text } };
  return { kind: handedOver ? 'unknown' : 'retry', reason: { kind: code === 'ETIMEDOUT' ? 'timeout' : 'network', text } };
}

/** What OpenSSL, and nodemailer about STARTTLS, say in words for their own programmers. */
function inWords({ message }: Error): string {
  if (/wrong version number|packet length too long|unknown protocol|record layer failure/i.test(message))
    return 'the server does not use implicit TLS: implicit_tls is for port 465; omit it for STARTTLS';
  if (/STARTTLS/i.test(message) && /not|unknown|unrecognized|error|refused|5\d\d/i.test(message))
    return `the server does not offer STARTTLS (${message}): require_tls: false sends without TLS`;
  if (/unable to verify the first certificate|unable to get (?:local )?issuer|self[- ]signed/i.test(message))
    return `its certificate is not signed by a known authority (${message}): set ca_file to the certificate of that authority`;
  return message;
}

function detailsOf(error: Error): SmtpError {
  const { code, originalCode, responseCode, command } = error as Error & { readonly [key: string]: unknown };
  const tls = [code, originalCode].some((one) => typeof one === 'string' && /CERT|^ERR_TLS_|^ERR_SSL_|^UNABLE_TO_/.test(one));
  return {
    code: tls ? 'ETLS' : typeof code === 'string' ? code : '',
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    command: typeof command === 'string' ? command : '',
  };
}

function responseKind({ code, responseCode, command }: SmtpError): FailureKind {
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535) return 'unauthorized';
  if (responseCode === 421 || responseCode === 450 || responseCode === 451 || responseCode === 452) return 'rate_limited';
  if (command === 'RCPT TO') return 'refused_recipient';
  return responseCode !== undefined && responseCode < 500 ? 'server_error' : 'invalid_payload';
}
