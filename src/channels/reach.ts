import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Instant } from '../core/time.ts';
import type { FailureReason } from './channel.ts';
import { failureOutcome } from './http.ts';

/** An address to connect to. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM text of the authority that signed the certificate, where the machine does not know it. */
  readonly ca?: string | undefined;
  /** False: whatever certificate is shown is taken. */
  readonly verify?: boolean;
}

/** What a connection showed. */
export interface Reached {
  /** `TLSv1.3`; undefined without TLS. */
  readonly tls: string | undefined;
  /** When the certificate ends. */
  readonly validTo: Instant | undefined;
}

/** The outcome of looking whether somebody is there. */
export type Reach = { readonly ok: true; readonly value: Reached } | { readonly ok: false; readonly reason: FailureReason };

/** Connects, with the handshake of TLS where there is one, and hangs up: nothing is asked and nothing sent. */
export function reach(place: Place, signal: AbortSignal): Promise<Reach> {
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
    socket.on('close', () => fail(new Error('the server closed the connection')));
    socket.once(place.tls ? 'secureConnect' : 'connect', () => settle({ ok: true, value: reachedBy(socket) }));
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

function open({ host, port, tls, ca, verify = true }: Place): Socket | TLSSocket {
  if (!tls) return connectPlain({ host, port });
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port, ...servername, rejectUnauthorized: verify, ...(ca !== undefined && { ca }) });
}

function reachedBy(socket: Socket | TLSSocket): Reached {
  if (!('getPeerCertificate' in socket)) return { tls: undefined, validTo: undefined };
  const until = Date.parse(socket.getPeerCertificate().valid_to ?? '');
  return { tls: socket.getProtocol() ?? undefined, validTo: Number.isNaN(until) ? undefined : until };
}
