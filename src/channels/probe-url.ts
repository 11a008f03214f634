import { type Secret, secret } from '../core/secret.ts';
import type { Channel, ChannelIo, Probed } from './channel.ts';
import { type HttpConfig, PLAIN_HTTP } from './http-client/config.ts';
import { connectRequest, proxyFor } from './http-client/proxy.ts';
import { type Place, placeOf, reach } from './reach.ts';

/** A request about the server as a whole, which no path of the URL takes part in. */
const PING = (host: string) => `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

/** An address to look at, and how it is connected to. */
export interface ProbedUrl {
  readonly url: Secret;
  readonly http?: HttpConfig;
}

/**
 * Looks whether an HTTP server is at the host of a secret URL, without asking it anything of the URL; says the host alone. Behind a proxy, whether
 * the proxy connects to it.
 */
export async function probeUrl(
  { url: secretUrl, http = PLAIN_HTTP }: ProbedUrl,
  signal: AbortSignal,
  { proxies }: Pick<ChannelIo, 'proxies'> = {},
): Promise<Probed> {
  const url = new URL(secretUrl.reveal());
  const address = addressOf(secretUrl);
  const proxy = proxyFor(url, http, proxies);
  if (proxy !== undefined) return probeProxy(address, placeOf(url), proxy, signal);
  const { ca, cert, key, serverName, verify = true } = http.tls ?? {};
  const client = cert === undefined || key === undefined ? {} : { client: { cert, key: key.reveal() } };
  const reached = await reach({ ...placeOf(url), ca, serverName, verify, ...client }, signal, PING(url.host));
  if (!reached.ok) return reached;
  const { tls, validTo, said = '' } = reached.value;
  if (!said.startsWith('HTTP/')) {
    const shown = said === '' ? 'it closed the connection' : `it said ${JSON.stringify(said.slice(0, 60))}`;
    return { ok: false, reason: { kind: 'network', text: `${address} does not speak HTTP: ${shown}` } };
  }
  const what = `${address} answers${tls === undefined ? ' without TLS' : ` over ${tls}`}`;
  return { ok: true, what, ...(validTo !== undefined && { certificateUntil: validTo }) };
}

async function probeProxy(address: string, target: Place, proxy: URL, signal: AbortSignal): Promise<Probed> {
  const { host, port } = placeOf(proxy);
  const through = `${address} through the proxy ${host}:${port}`;
  const reached = await reach(placeOf(proxy), signal, connectRequest(target, proxy));
  if (!reached.ok) return { ok: false, reason: { ...reached.reason, text: `the proxy ${host}:${port}: ${reached.reason.text}` } };
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(reached.value.said ?? '') ?? [];
  if (status?.startsWith('2') === true) return { ok: true, what: `${through} can be reached` };
  const shown = status === undefined ? 'does not speak HTTP' : `answers ${status}`;
  return {
    ok: false,
    reason: { kind: status === '407' ? 'unauthorized' : 'network', text: `the proxy ${host}:${port} ${shown}` },
  };
}

/** The `host:port` of a secret URL, which is not secret. */
export function addressOf(secretUrl: Secret): string {
  const { host, port } = placeOf(new URL(secretUrl.reveal()));
  return `${host}:${port}`;
}

/** Where a destination is, and whether it is there, of those whose address need not be hidden. */
export const AT_PLAIN_URL: Required<Pick<Channel<{ readonly url: string; readonly http: HttpConfig }>, 'place' | 'probe'>> = {
  place: ({ url }) => addressOf(secret(url)),
  probe: ({ url, http }, signal, io) => probeUrl({ url: secret(url), http }, signal, io),
};
