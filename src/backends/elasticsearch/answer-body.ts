import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Larger than any answer that Tocsin requests; the limit protects the process from running out of memory. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** Reads the text of an answer; undefined when it is larger than it may be. Throws when the connection breaks. */
export async function readText(body: Readable, encoding: string | undefined): Promise<string | undefined> {
  const content = encoding?.includes('gzip') ? pipeline(body, createGunzip(), () => undefined) : body;
  // A reader that stops gets an error, which must be handled.
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
