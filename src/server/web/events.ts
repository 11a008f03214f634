import type { ServerResponse } from 'node:http';
import type { Json } from '../../core/json.ts';

/** The kinds of events: what changed. `reload`: too much to say. */
export const EVENT_KINDS = ['alert', 'notification', 'rule', 'silence', 'reload'] as const;

/** One thing that has changed. */
export interface FeedEvent {
  readonly kind: (typeof EVENT_KINDS)[number];
  readonly data: Readonly<Record<string, Json>>;
}

/** What has changed, for those who follow it. */
export interface EventFeed {
  /** Follows the events from the one with `lastId` on; false if there is no room for another client. */
  follow(client: EventClient, lastId: string | undefined): boolean;
}

/** Who is sent events; `send` returns false once the client is disconnected or too slow; nothing more is sent to it. */
export interface EventClient {
  send(text: string): boolean;
  end(): void;
}

/** What may wait unsent for a client, bytes: one that does not read costs no more memory than this. */
const MOST_WAITING = 256 * 1_024;

/** A client at the other end of a response. */
export function eventClient(raw: ServerResponse): EventClient {
  return {
    send: (text) => {
      if (raw.destroyed || raw.writableEnded) return false;
      if (raw.writableLength > MOST_WAITING) {
        raw.destroy();
        return false;
      }
      raw.write(text);
      return true;
    },
    end: () => void raw.end(),
  };
}
