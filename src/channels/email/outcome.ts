import type { FailureKind, Outcome, Receipt } from '../channel.ts';
import { isTimeout } from '../http.ts';
import type { RefusedAddress, SmtpResult } from './smtp.ts';

/** The mail that an SMTP conversation was about: the receipt if it is delivered, and its recipients. */
export interface Posted {
  readonly receipt: Receipt;
  readonly to: readonly string[];
}

/**
 * What the end of an SMTP conversation means. 4xx is tried again, 5xx is not; a break before the mail was handed over is tried again, one
 * after it may have come too late to matter. One accepted recipient is a delivery, since a repeat would reach them twice: those refused for
 * the moment are to be tried again alone.
 */
export function smtpOutcome(
  result: SmtpResult,
  { receipt, to }: Posted,
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
      const text = result.handedOver ? 'no answer to the mail in time' : 'stopped before the mail was sent';
      return { kind: result.handedOver ? 'unknown' : 'retry', reason: { kind, text } };
    }
    case 'failed':
      return failureOutcome(result.error, result.handedOver, hide);
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

function failureOutcome(error: Error, handedOver: boolean, hide: (text: string) => string): Outcome {
  const details = detailsOf(error);
  const text = hide(error.message);
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
