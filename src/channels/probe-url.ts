import type { Secret } from '../core/secret.ts';
import type { Probed } from './channel.ts';
import { placeOf, reach } from './reach.ts';

/** A request about the server as a whole, which no path of the URL takes part in. */
const PING = (host: string) => `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

/** Looks whether an HTTP server is at the host of a secret URL, without asking it anything of the URL; says the host alone. */
export async function probeUrl(secretUrl: Secret, signal: AbortSignal): Promise<Probed> {
  const url = new URL(secretUrl.reveal());
  const address = addressOf(secretUrl);
  const reached = await reach(placeOf(url), signal, PING(url.host));
  if (!reached.ok) return reached;
  const { tls, validTo, said = '' } = reached.value;
  if (!said.startsWith('HTTP/')) {
    const shown = said === '' ? 'it closed the connection' : `it said ${JSON.stringify(said.slice(0, 60))}`;
    return { ok: false, reason: { kind: 'network', text: `${address} does not speak HTTP: ${shown}` } };
  }
  const what = `${address} answers${tls === undefined ? ' without TLS' : ` over ${tls}`}`;
  return { ok: true, what, ...(validTo !== undefined && { certificateUntil: validTo }) };
}

/** The `host:port` of a secret URL, which is not secret. */
export function addressOf(secretUrl: Secret): string {
  const { host, port } = placeOf(new URL(secretUrl.reveal()));
  return `${host}:${port}`;
}
