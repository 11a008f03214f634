import type { HttpConfig } from '../channels/http-client/config.ts';
import type { OpenTextSocket, TextSocket } from '../channels/http-client/web-socket.ts';
import { own } from '../core/record.ts';
import type { Clock, Duration } from '../core/time.ts';
import { type Envelope, type Frame, readFrame } from './frame.ts';

/** Where a connection is opened; asked for each connection, since its address is good for one. */
export type OpenedAt =
  | { readonly ok: true; readonly url: URL }
  /** `after`: Slack says when to ask again, ms. */
  | { readonly ok: false; readonly problem: string; readonly after?: Duration };

/** Reasons beside those for which Slack replaces a connection (`warning`, `refresh_requested`). */
const REASONS: Readonly<Record<string, string>> = {
  too_many_websockets: 'Slack permits at most ten connections per app: additional replicas have none',
};

/** What a connection needs of the world. */
export interface ConnectionParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly open: OpenTextSocket;
  readonly http: HttpConfig;
  /** Asks Slack for the address of a connection. Never rejects. */
  readonly address: () => Promise<OpenedAt>;
  /** An event; `answer` sends the text over the connection that it came by. */
  readonly received: (envelope: Envelope, answer: (text: string) => void) => void;
}

/** The connection to Slack: opened again whenever it ends. */
export interface SlackConnection {
  /** Slack has greeted, and the connection is open. */
  isUp(): boolean;
  /** Why it is not, in words without secrets. */
  problem(): string | undefined;
  /** To be called every second or so. Never throws. */
  poll(): void;
  end(): void;
}

const FIRST_PAUSE: Duration = 1_000;
const LONGEST_PAUSE: Duration = 60_000;
/** Slack is not believed if it wants a longer pause. */
const LONGEST_WISH: Duration = 300_000;
/** Slack pings every few seconds: a connection without a sign of it for this long is considered lost. */
const SILENT: Duration = 45_000;
/** A connection that was open for so long has worked. */
const LASTS: Duration = 10_000;
/** From the request for an address to the greeting. */
const PATIENCE: Duration = 30_000;

/**
 * Starts a connection, which opens at the first poll. A connection that Slack announces to end is replaced at once, and the old one goes on until it is
 * closed, so that no event meets none. Pauses between failures grow up to a minute.
 */
export function slackConnection({ clock, open, http, address, received }: ConnectionParts): SlackConnection {
  let current: Live | undefined;
  /** Replaced ones, until Slack closes them. */
  const leaving = new Set<Live>();
  let asking = false;
  let failures = 0;
  let tryAt = clock.monotonic();
  let problem: string | undefined = 'not connected yet';
  let ended = false;

  const failed = (why: string, after: Duration = 0) => {
    problem = why;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, 10));
    tryAt = clock.monotonic() + Math.max(pause, Math.min(LONGEST_WISH, after));
    failures += 1;
  };
  /** One that has lasted is opened again at once; one that ends as soon as it begins is not, or Slack would be asked without a pause. */
  const again = (live: Live, why: string) => {
    const lasted = live.greeted && clock.monotonic() - live.openedAt >= LASTS;
    if (lasted) failures = 0;
    failed(why);
    if (lasted) tryAt = clock.monotonic();
  };
  const lost = (live: Live, why: string) => {
    leaving.delete(live);
    if (live !== current) return;
    current = undefined;
    again(live, why);
  };
  const heard = (live: Live, frame: Frame) => {
    if (frame.kind === 'hello') {
      live.greeted = true;
      if (live !== current) return;
      problem = undefined;
      return;
    }
    if (frame.kind === 'envelope') received(frame.envelope, (text) => void live.socket?.send(text));
    if (frame.kind !== 'disconnect' || live !== current) return;
    current = undefined;
    if (frame.reason === 'link_disabled') {
      live.socket?.end();
      failed('Socket Mode is switched off for the app');
      return;
    }
    // Events may still come by it until Slack closes it.
    leaving.add(live);
    live.heardAt = clock.monotonic();
    again(live, own(REASONS, frame.reason) ?? 'Slack replaces the connection');
  };
  const connect = async () => {
    asking = true;
    const at = await address();
    asking = false;
    if (ended) return;
    if (!at.ok) return failed(at.problem, at.after);
    const live: Live = { socket: undefined, greeted: false, heardAt: clock.monotonic(), openedAt: clock.monotonic() };
    current = live;
    live.socket = open(at.url, http, {
      text: (text) => heard(live, readFrame(text)),
      alive: () => {
        live.heardAt = clock.monotonic();
      },
      closed: (why) => lost(live, why),
    });
  };
  const drop = (live: Live, why: string) => {
    live.socket?.end();
    lost(live, why);
  };
  return {
    isUp: () => current?.greeted === true,
    problem: () => (current?.greeted === true ? undefined : problem),
    poll: () => {
      if (ended) return;
      const now = clock.monotonic();
      for (const live of [...leaving]) if (now - live.heardAt > SILENT) drop(live, '');
      if (current !== undefined) {
        if (!current.greeted && now - current.openedAt > PATIENCE) drop(current, 'Slack does not send its greeting');
        else if (now - current.heardAt > SILENT) drop(current, 'Slack no longer responds');
        return;
      }
      if (!asking && now >= tryAt) void connect();
    },
    end: () => {
      ended = true;
      for (const live of [...leaving, ...(current === undefined ? [] : [current])]) live.socket?.end();
      leaving.clear();
      current = undefined;
    },
  };
}

interface Live {
  socket: TextSocket | undefined;
  greeted: boolean;
  heardAt: number;
  readonly openedAt: number;
}
