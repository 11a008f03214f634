import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher, WebSocket } from 'undici';
import type { EnvironmentProxies, HttpConfig } from './config.ts';
import { dispatcherOf, tlsOf } from './fetch.ts';

/** Events of a connection; none after `closed`, which comes once. */
interface SocketEvents {
  text(text: string): void;
  /** The other side has shown that it is there. */
  alive(): void;
  closed(why: string): void;
}

/** An open connection, or one that is being opened. */
export interface TextSocket {
  /** Sends a text; false where the connection is not open. */
  send(text: string): boolean;
  /** Closes at once; `closed` is not called for it. */
  end(): void;
}

/** Opens a WebSocket; never throws. */
export type OpenTextSocket = (url: URL, http: HttpConfig, events: SocketEvents) => TextSocket;

/** Frames beyond this end the connection: no message of a service is so large. */
const MOST_BYTES = 1024 * 1024;
/** Where undici says that a ping has come; it answers by itself. */
const PINGS = 'undici:websocket:ping';

/** Makes the opener of WebSockets: through the proxies and with the TLS that HTTP requests of the same destination have. */
export function textSocketOpener(environment: EnvironmentProxies): OpenTextSocket {
  return (url, http, events) => {
    let raw: Socket | undefined;
    let over = false;
    const dispatcher = socketDispatcher(url, http, environment, (socket) => {
      raw = socket;
    });
    const ping = () => events.alive();
    const end = () => {
      if (over) return;
      over = true;
      unsubscribe(PINGS, ping);
      try {
        socket?.close();
      } catch {
        // It was never opened.
      }
      // A peer that no longer exists answers no closing handshake.
      raw?.destroy();
      void dispatcher.destroy().catch(() => undefined);
    };
    const closed = (why: string) => {
      if (over) return;
      end();
      events.closed(why);
    };
    let socket: WebSocket | undefined;
    try {
      socket = new WebSocket(url, { dispatcher });
    } catch {
      queueMicrotask(() => closed('the address of the connection is not one'));
      return { send: () => false, end };
    }
    subscribe(PINGS, ping);
    socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
      if (over) return;
      events.alive();
      if (typeof data === 'string' && data.length <= MOST_BYTES) events.text(data);
    });
    let problem: string | undefined;
    socket.addEventListener('error', (event) => {
      const { error } = event as { readonly error?: unknown };
      problem = error instanceof Error ? error.message : undefined;
    });
    socket.addEventListener('close', ({ code }: { readonly code: number }) =>
      closed(problem ?? `the connection was closed (${code})`),
    );
    const open = socket;
    return {
      send: (text) => {
        if (over || open.readyState !== WebSocket.OPEN) return false;
        open.send(text);
        return true;
      },
      end,
    };
  };
}

function socketDispatcher(
  url: URL,
  http: HttpConfig,
  environment: EnvironmentProxies,
  connected: (socket: Socket) => void,
): Dispatcher {
  // Proxies are chosen by the scheme of HTTP.
  const asHttp = new URL(url.href.replace(/^ws/, 'http'));
  const proxied = dispatcherOf(asHttp, http, environment);
  if (proxied !== undefined && !(proxied instanceof Agent)) return proxied;
  void proxied?.close();
  const connect = buildConnector({ ...tlsOf(http.tls), allowH2: false });
  return new Agent({
    webSocket: { maxPayloadSize: MOST_BYTES },
    connect: (options, callback) =>
      connect(options, (...answer: Parameters<buildConnector.Callback>) => {
        if (answer[1] !== null) connected(answer[1]);
        callback(...answer);
      }),
  });
}
