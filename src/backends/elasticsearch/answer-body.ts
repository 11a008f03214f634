import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** More than this is no answer that Tocsin asked for; a bound is better than a process out of memory. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** Reads the text of an answer; undefined when it is larger than it may be. Throws when the connection breaks. */
export async function readText(body: Readable, encoding: string | undefined): Promise<string | undefined> {
  const content = encoding?.includes('gzip') ? pipeline(body, createGunzip(), () => undefined) : body;
  // Whoever stops reading is told so by an error, which nobody may leave unheard.
  content.on('error', () => undefined);
  body.on('error', () => undefined);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
