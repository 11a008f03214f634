import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Instant } from '../core/time.ts';
import type { FailureReason } from './channel.ts';
import { failureOutcome } from './http-client/answer.ts';

/** An address to connect to. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM text of the authority that signed the certificate, where the machine does not know it. */
  readonly ca?: string | undefined;
  /** False: whatever certificate is shown is taken. */
  readonly verify?: boolean;
  /** The name that the certificate must have, where that is not the host's. */
  readonly serverName?: string | undefined;
  /** What is shown to a server that asks for a certificate: PEM texts. */
  readonly client?: { readonly cert: string; readonly key: string };
}

/** What a connection showed. */
interface Reached {
  /** `TLSv1.3`; undefined without TLS. */
  readonly tls: string | undefined;
  /** When the certificate ends. */
  readonly validTo: Instant | undefined;
  /** The first line that came back for what was said; empty where the server hung up, undefined where nothing was said. */
  readonly said?: string;
}

/** The outcome of looking whether someone is there. */
export type Reach = { readonly ok: true; readonly value: Reached } | { readonly ok: false; readonly reason: FailureReason };

/** Longest line that is waited for. */
const LINE = 200;

/**
 * Connects, with the handshake of TLS where there is one, and hangs up. Nothing is sent unless `say` is given: then the first line of the
 * answer is waited for.
 */
export function reach(place: Place, signal: AbortSignal, say?: string): Promise<Reach> {
  return new Promise((resolve) => {
    const socket = open(place);
    let settled = false;
    const settle = (outcome: Reach) => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(outcome);
    };
    const fail = (thrown: unknown) => {
      const outcome = failureOutcome(thrown, signal, (text) => text);
      settle({ ok: false, reason: outcome.kind === 'delivered' ? { kind: 'network', text: 'no connection' } : outcome.reason });
    };
    const abort = () => fail(signal.reason);
    socket.on('error', fail);
    let reached: Reached | undefined;
    const answered = (said: string) => settle({ ok: true, value: { tls: reached?.tls, validTo: reached?.validTo, said } });
    let heard = '';
    socket.on('close', () => (reached === undefined ? fail(new Error('the server closed the connection')) : answered(heard)));
    socket.once(place.tls ? 'secureConnect' : 'connect', () => {
      reached = reachedBy(socket);
      if (say === undefined) return settle({ ok: true, value: reached });
      socket.on('data', (chunk: Buffer) => {
        heard = `${heard}${chunk.toString('latin1')}`.slice(0, LINE);
        const [line = '', ...more] = heard.split(/\r?\n/);
        if (more.length > 0 || heard.length === LINE) answered(line);
      });
      socket.write(say);
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

/** The place that an http(s) URL leads to. */
export function placeOf(url: URL): Place {
  const tls = url.protocol === 'https:';
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, tls };
}

function open({ host, port, tls, ca, verify = true, serverName, client }: Place): Socket | TLSSocket {
  if (!tls) return connectPlain({ host, port });
  const name = serverName ?? (isIP(host) === 0 ? host : undefined);
  const servername = name === undefined ? {} : { servername: name };
  return connectTls({ host, port, ...servername, rejectUnauthorized: verify, ...(ca !== undefined && { ca }), ...client });
}

function reachedBy(socket: Socket | TLSSocket): Reached {
  if (!('getPeerCertificate' in socket)) return { tls: undefined, validTo: undefined };
  const until = Date.parse(socket.getPeerCertificate().valid_to ?? '');
  return { tls: socket.getProtocol() ?? undefined, validTo: Number.isNaN(until) ? undefined : until };
}
