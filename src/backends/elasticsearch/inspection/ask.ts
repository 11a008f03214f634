import type { WireReply, WireRequest } from '../wire.ts';

/** A way to read an endpoint of the cluster. */
export type Ask = (path: string, query: NonNullable<WireRequest['query']>) => Promise<WireReply>;
