import { setTimeout as sleep } from 'node:timers/promises';
import type { Requests } from '../../support/elasticsearch/request.ts';
import { documentAt, LIVE_MAPPING } from './documents.ts';

/** Documents that are written while engines run, as from a live system. */
export interface Stream {
  readonly index: string;
  /** Stops writing; rejects if a write has failed. */
  stop(): Promise<void>;
}

/** Documents a second: half a million an hour. */
const RATE = 140;
/** How far back the index is filled before anything is measured, ms: more than the longest window. */
const PAST = 10 * 60_000;
const BULK = 5_000;

/** Makes an index, fills it up to now, and goes on writing once a second until it is stopped. */
export async function startStream(client: Requests, index: string, shards = 1): Promise<Stream> {
  await client.json('PUT', `/${index}`, {
    settings: { number_of_shards: shards, number_of_replicas: 0, refresh_interval: '1s', 'index.requests.cache.enable': false },
    mappings: LIVE_MAPPING,
  });
  let position = 0;
  let written = Date.now() - PAST;
  const write = async (until: number) => {
    const total = Math.floor(((until - written) / 1_000) * RATE);
    const from = written;
    for (let done = 0; done < total; done += BULK) {
      const size = Math.min(BULK, total - done);
      const documents = Array.from({ length: size }, (_, i) =>
        documentAt(position + done + i, Math.floor(from + ((done + i) * 1_000) / RATE)),
      );
      await append(client, index, documents);
    }
    position += total;
    written += (total * 1_000) / RATE;
  };
  await write(Date.now());
  // Otherwise its merges would fall into the first measurement.
  await client.json('POST', `/${index}/_forcemerge?max_num_segments=1`);
  await client.refresh(index);
  let stopped = false;
  const writing = (async () => {
    while (!stopped) {
      await sleep(1_000);
      await write(Date.now());
    }
  })();
  // A failure is notified by `stop`, and not by the end of the process.
  writing.catch(() => undefined);
  return {
    index,
    stop: async () => {
      stopped = true;
      await writing;
    },
  };
}

/** Writes documents without making them visible at once: that is left to the index, as in a live system. */
export async function append(client: Requests, index: string, documents: readonly object[]): Promise<void> {
  if (documents.length === 0) return;
  const answer = await client.lines<{ errors: boolean }>(
    `/${index}/_bulk`,
    documents.flatMap((document) => [{ create: {} }, document]),
  );
  if (answer.errors) throw new Error(`documents of ${index} were refused`);
}
