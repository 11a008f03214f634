import { Agent, fetch as fetchBy, ProxyAgent } from 'undici';
import type { ChannelFetch, ChannelIo } from '../channel.ts';
import type { EnvironmentProxies, HttpConfig, HttpTls } from './config.ts';
import { proxiesOf, proxyFor, proxyLogin } from './proxy.ts';

/**
 * The fetch of channels: through the proxy and with the TLS that `connection` asks for, else through that of the environment. A connection of its
 * own lives for one request: messages are few, and nothing of an old configuration is left open.
 */
export function channelFetch(environment: EnvironmentProxies, plain: typeof fetch = fetch): ChannelFetch {
  return async (url, { connection, ...init } = {}) => {
    const dispatcher = connection === undefined ? undefined : dispatcherOf(new URL(url), connection, environment);
    if (dispatcher === undefined) return plain(url, init);
    // undici's own fetch: that of Node belongs to whatever version of undici Node brings.
    const own = { ...init, dispatcher } as Parameters<typeof fetchBy>[1];
    try {
      const response = await fetchBy(url, own);
      // Ends once the body has been read or cancelled.
      void dispatcher.close().catch(() => undefined);
      return response as unknown as Response;
    } catch (error) {
      void dispatcher.destroy().catch(() => undefined);
      throw error;
    }
  };
}

/** What channels may use of the machine by its environment: the network through its proxies, and the programs that it allows. */
export function machineOf(env: Readonly<Record<string, string | undefined>>): Pick<ChannelIo, 'fetch' | 'proxies' | 'programs'> {
  const proxies = proxiesOf(env);
  const programs = (env['TOCSIN_ALLOW_EXEC'] ?? '').split(':').filter((file) => file.startsWith('/'));
  return { fetch: channelFetch(proxies), proxies, programs: new Set(programs) };
}

/** The way to an address: the proxy and the TLS of a connection; undefined: the plain one. */
export function dispatcherOf(url: URL, connection: HttpConfig, environment: EnvironmentProxies): Agent | ProxyAgent | undefined {
  const proxy = proxyFor(url, connection, environment);
  const tls = tlsOf(connection.tls);
  if (proxy === undefined) return connection.tls === undefined ? undefined : new Agent({ connect: tls });
  const login = proxyLogin(proxy);
  return new ProxyAgent({
    uri: `${proxy.protocol}//${proxy.host}`,
    requestTls: tls,
    ...(login !== undefined && { token: login }),
  });
}

/** TLS as undici takes it. */
export function tlsOf({ ca, cert, key, serverName, verify = true }: Partial<HttpTls> = {}) {
  return {
    rejectUnauthorized: verify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key: key.reveal() }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}
