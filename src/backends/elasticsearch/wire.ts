import type { Json } from '../../core/json.ts';
import type { Duration } from '../../core/time.ts';

/** One HTTP request to the cluster; `lines` is sent as NDJSON, one JSON text a line. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with every part already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: Json;
  readonly lines?: readonly string[];
  /** Longest time to wait for the answer, ms. */
  readonly timeout: Duration;
  readonly signal?: AbortSignal;
  /** True when sending it twice changes nothing: only then is it sent again over another connection when one fails. */
  readonly repeatable: boolean;
}

/** What came of a request. `answered` with any status; for the others it is unknown what the server did or said. */
export type WireReply =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'timeout'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'oversized'; readonly message: string }
  | { readonly kind: 'garbled'; readonly message: string };

/** A way to read an endpoint of the cluster. */
export type Ask = (path: string, query: NonNullable<WireRequest['query']>) => Promise<WireReply>;

/** The one way to the cluster that searches and stores go; never throws, and no message contains credentials. */
export interface Wire {
  send(request: WireRequest): Promise<WireReply>;
  /** Longest time that a request other than a search may take, ms. */
  readonly requestTimeout: Duration;
}

/** Says whether a status means that the request was done. */
export function succeeded(reply: WireReply): reply is Extract<WireReply, { kind: 'answered' }> {
  return reply.kind === 'answered' && reply.status >= 200 && reply.status < 300;
}
