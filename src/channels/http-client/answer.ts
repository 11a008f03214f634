import { asError } from '../../core/errors.ts';
import { redact, type Secret, secret } from '../../core/secret.ts';
import { DAY, type Duration, type Instant } from '../../core/time.ts';
import type { FailureKind, FailureReason, Outcome } from '../channel.ts';
import { oneLine } from '../clean-text.ts';

const MAX_ANSWER = 64 * 1024;
const MAX_RETRY_AFTER = DAY;

/** What an HTTP server answered, as far as a channel cares. */
export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Where nothing is left of a limit: `X-RateLimit-Reset`, when there is some again. */
  readonly resetsAt: string | undefined;
  /** At most 64 KiB of the body. */
  readonly text: string;
}

/** Reads an answer; a body that fails, hangs until the signal, or never ends gives what came of it: the status is what counts. */
export async function readAnswer(response: Response): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      size += chunk.length;
      // Leaving the loop cancels the body.
      if (size >= MAX_ANSWER) break;
    }
  } catch {
    // The server has answered: a torn body changes nothing of that.
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, MAX_ANSWER));
  const { status, headers } = response;
  const isUsedUp = headers.get('x-ratelimit-remaining')?.trim() === '0';
  return {
    status,
    retryAfter: headers.get('retry-after') ?? undefined,
    resetsAt: isUsedUp ? (headers.get('x-ratelimit-reset') ?? undefined) : undefined,
    text,
  };
}

/** How a web page begins, whatever it is sent as. Answers of services are JSON, XML or a few words. */
const WEB_PAGE =
  /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)?<(?:!doctype\s+html|(?:html|head|body|script|meta|title)[\s>/])/i;

/**
 * What a success means whose body is a web page: a proxy or a login answered, and nothing took the message. Undefined for any other answer. It is
 * tried again, since such pages come and go with sessions.
 */
export function pageOutcome({ status, text }: HttpAnswer, hide: (text: string) => string): Outcome | undefined {
  if (status < 200 || status > 299 || !WEB_PAGE.test(text)) return undefined;
  return {
    kind: 'retry',
    reason: { kind: 'client_error', text: `answered ${status} with a web page, which takes no messages: ${hide(text)}` },
  };
}

/** Makes a cleaner that removes secrets, and the identifying parts of secret URLs, from a text, and bounds it: for reasons of outcomes. */
export function hiding(...secrets: readonly (Secret | undefined)[]): (text: string) => string {
  const hidden = secrets.filter((one) => one !== undefined).flatMap((one) => [one, ...urlParts(one.reveal()).map(secret)]);
  // Longest first: else a part of a longer secret is replaced and the rest of it stays.
  const ordered = [...hidden].sort((a, b) => b.reveal().length - a.reveal().length);
  return (text) => oneLine(redact(text.slice(0, MAX_ANSWER), ordered), 300);
}

function urlParts(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  const parts = [
    url.href,
    `${url.pathname}${url.search}`,
    url.pathname,
    url.search.slice(1),
    ...url.pathname.split('/'),
    ...url.searchParams.values(),
    url.username,
    url.password,
  ];
  return parts.filter((part) => part.length >= 6).flatMap((part) => [part, decoded(part)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The meaning of an unsuccessful answer: try again (408, 429, 5xx), or never (the other 4xx, and 3xx). */
export function answerOutcome(answer: HttpAnswer, now: Instant, hide: (text: string) => string): Outcome {
  const said = hide(answer.text);
  const reason: FailureReason = {
    kind: statusKind(answer.status),
    text: `HTTP ${answer.status}${said === '' ? '' : `: ${said}`}`,
  };
  const again = answer.status === 408 || answer.status === 429 || answer.status >= 500;
  if (!again) return { kind: 'rejected', reason };
  const after = parseRetryAfter(answer.retryAfter, now) ?? (answer.status === 429 ? parseReset(answer.resetsAt, now) : undefined);
  return after === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, after };
}

function statusKind(status: number): FailureKind {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 400 || status === 413 || status === 422) return 'invalid_payload';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'server_error' : 'client_error';
}

const NUMBER = /^\s*\d+(?:\.\d+)?\s*$/;
/** A date begins with a day of the week, or is one of ISO 8601: `Date.parse` takes nearly any text with a number for one of the past. */
const DATE = /^\s*(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? |\d{4}-\d\d-\d\d)/;

function instantOf(text: string): Instant {
  return DATE.test(text) ? Date.parse(text) : Number.NaN;
}

/** Reads `Retry-After`: seconds, which some services give with decimals, or a date; at most a day. Undefined when it is neither. */
export function parseRetryAfter(text: string | undefined, now: Instant): Duration | undefined {
  if (text === undefined) return undefined;
  const wanted = NUMBER.test(text) ? Math.ceil(Number(text) * 1_000) : instantOf(text) - now;
  return Number.isNaN(wanted) ? undefined : Math.min(Math.max(0, wanted), MAX_RETRY_AFTER);
}

/**
 * Reads `X-RateLimit-Reset`: a time in seconds (GitHub, ServiceNow), in milliseconds (Rocket.Chat) or as a date (Jira); at most a day from now. Undefined
 * for anything else, such as a small number, which some services count from now and others from midnight.
 */
export function parseReset(text: string | undefined, now: Instant): Duration | undefined {
  if (text === undefined) return undefined;
  const number = NUMBER.test(text) ? Number(text) : undefined;
  if (number !== undefined && number < 1e9) return undefined;
  const at = number === undefined ? instantOf(text) : number < 1e11 ? number * 1_000 : number;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, Math.ceil(at - now)), MAX_RETRY_AFTER);
}

// Nothing of the request can have reached the server after these.
const NOT_CONNECTED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN|UND_ERR_CONNECT_TIMEOUT)$/;
const TLS = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)|_CERT_|_CERTIFICATE/;

/**
 * What a request without an answer means: not connected or no TLS is tried again; anything later, a timeout or a broken line, may have
 * arrived all the same. A redirect is a mistake in the configuration.
 */
export function failureOutcome(thrown: unknown, signal: AbortSignal, hide: (text: string) => string): Outcome {
  if (signal.aborted) {
    const kind = isTimeout(signal.reason) ? 'timeout' : 'aborted';
    return {
      kind: 'unknown',
      reason: { kind, text: kind === 'timeout' ? 'no answer in time' : 'interrupted while waiting for the response' },
    };
  }
  const error = rootCause(asError(thrown));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const text = hide(error.message === '' ? code : error.message);
  if (/unexpected redirect/i.test(error.message)) {
    return { kind: 'rejected', reason: { kind: 'config', text: 'the server redirects: use the URL that it redirects to' } };
  }
  if (/invalid header value|failed to parse url/i.test(error.message)) {
    return {
      kind: 'rejected',
      reason: { kind: 'config', text: 'the URL, or a value meant for a header, cannot be sent: look for line ends in it' },
    };
  }
  if (error.message === 'bad port') {
    return { kind: 'rejected', reason: { kind: 'config', text: 'the URL has a port that HTTP clients refuse to use' } };
  }
  // The proxy answered, and has connected to no server.
  if (/^proxy response/i.test(error.message)) return { kind: 'retry', reason: { kind: 'network', text } };
  if (NOT_CONNECTED.test(code))
    return { kind: 'retry', reason: { kind: code === 'UND_ERR_CONNECT_TIMEOUT' ? 'timeout' : 'network', text } };
  if (TLS.test(code)) return { kind: 'retry', reason: { kind: 'tls', text } };
  return { kind: 'unknown', reason: { kind: 'network', text } };
}

/** The outcome of an attempt that was called off before anything was sent. */
export const NOT_STARTED: Outcome = { kind: 'retry', reason: { kind: 'aborted', text: 'cancelled before anything was sent' } };

/** Says whether a signal was aborted by a deadline rather than by an order to stop. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}

function rootCause(error: Error): Error {
  let root = error;
  for (let depth = 0; depth < 5 && root.cause instanceof Error; depth++) root = root.cause;
  return root;
}
