import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Largest file that a configuration is, or names, bytes. */
const MAX_BYTES = 1024 * 1024;

/** What was read of a file, or why it was not: a text for the problem, and the next step. */
export type ReadFile =
  | { readonly ok: true; readonly text: string; readonly mode: number }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/**
 * Reads a regular file of at most 1 MiB. A pipe would be waited for, and a device read, for ever. Links are followed: mounted secrets
 * are links. `mode` is that of the file itself.
 */
export async function readBounded(path: string, name: string, hintIfAbsent: string): Promise<ReadFile> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile()) return { ok: false, message: `${name} is no regular file`, hint: 'name a file' };
    const bytes = await readStart(file);
    if (bytes.length > MAX_BYTES) return { ok: false, message: `${name} is larger than 1 MiB`, hint: 'name the right file' };
    return { ok: true, text: bytes.toString('utf8'), mode: found.mode };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { ok: false, message: `${name} cannot be read: ${code}`, hint: code === 'ENOENT' ? hintIfAbsent : 'is it readable?' };
  } finally {
    await file?.close();
  }
}

/** At most one byte more than a file may have: it may grow while it is read. */
async function readStart(file: FileHandle): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file.createReadStream({ end: MAX_BYTES, autoClose: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks, size);
}
