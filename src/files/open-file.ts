import { constants, type Stats } from 'node:fs';
import { access, type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { own } from '../core/record.ts';

/** Limits of a file: its size in bytes, and the folders (real paths), one of which must contain it; any place without folders. */
export interface FileBounds {
  readonly maxBytes: number;
  readonly within?: readonly string[];
}

/** Why a file is not read. `code` is for programs; `message` and `hint` name no target of a link and quote nothing of the file. */
export interface FileRefusal {
  readonly ok: false;
  readonly code: 'outside' | 'not_regular' | 'too_large' | 'not_text' | 'absent' | 'unreadable';
  readonly message: string;
  readonly hint: string;
}

/** A regular file that is open for reading; the caller closes the handle. */
export interface OpenedFile {
  readonly ok: true;
  readonly handle: FileHandle;
  readonly found: Stats;
}

/** The text of a file, and its mode bits. */
export interface FileText {
  readonly ok: true;
  readonly text: string;
  readonly mode: number;
}

/** Not every system has these flags. */
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0, O_NOCTTY = 0 } = constants;

/**
 * Opens a regular file for reading. What it is, how large, and where it really lies is found out before it is opened: to open a pipe waits, to
 * open a device may act, and to read one may never end. It is found out again of what was opened, because a link may have been put in its place
 * meanwhile. Hard links cannot be distinguished from files: the link is the file.
 */
export async function openFile(path: string, bounds: FileBounds): Promise<OpenedFile | FileRefusal> {
  let handle: FileHandle | undefined;
  try {
    const real = await realpath(path);
    const refused = outsideOf(real, bounds) ?? wrongKind(await stat(real), bounds);
    if (refused !== undefined) return refused;
    handle = await open(real, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
    const found = await handle.stat();
    const changed = outsideOf(await openedPath(handle, path), bounds) ?? wrongKind(found, bounds);
    if (changed === undefined) return { ok: true, handle, found };
    await handle.close();
    return changed;
  } catch (thrown) {
    await handle?.close();
    return refusalOf(thrown);
  }
}

/** Reads the whole of a file as UTF-8 text, bounded while it is read as well: it may grow. */
export async function readFileText(path: string, bounds: FileBounds): Promise<FileText | FileRefusal> {
  const opened = await openFile(path, bounds);
  if (!opened.ok) return opened;
  try {
    const bytes = await readStart(opened.handle, bounds.maxBytes);
    if (bytes.length > bounds.maxBytes) return tooLarge(bytes.length, bounds);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
    return { ok: true, text, mode: opened.found.mode };
  } catch (thrown) {
    return refusalOf(thrown);
  } finally {
    await opened.handle.close();
  }
}

/** Says whether a real path is a folder, or lies below it. */
function isWithin(real: string, folder: string): boolean {
  const way = relative(folder, real);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The refusal of a real path outside all of its folders; undefined where it lies within one. */
export function outsideOf(real: string, { within }: Pick<FileBounds, 'within'>): FileRefusal | undefined {
  if (within?.some((folder) => isWithin(real, folder)) ?? true) return undefined;
  const message = 'the link points outside its folder';
  return { ok: false, code: 'outside', message, hint: 'copy it into the folder, or specify its folder' };
}

/** What a failed call of the system means, in words without the path. */
export function refusalOf(thrown: unknown): FileRefusal {
  if (thrown instanceof TypeError && 'code' in thrown && thrown.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return { ok: false, code: 'not_text', message: 'this is not UTF-8 text', hint: 'save it as UTF-8' };
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const message = own(REASONS, code) ?? `it cannot be read${code === '' ? '' : ` (${code})`}`;
  const absent = code === 'ENOENT' || code === 'ENOTDIR';
  return { ok: false, code: absent ? 'absent' : 'unreadable', message, hint: 'check the path and its permissions' };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'circular links',
  ENAMETOOLONG: 'its name is too long',
  ENOTDIR: 'part of the path is not a folder',
};

function wrongKind(found: Stats, bounds: FileBounds): FileRefusal | undefined {
  if (!found.isFile()) {
    const message = found.isDirectory() ? 'expected a file, got a folder' : 'this is not a regular file';
    return { ok: false, code: 'not_regular', message, hint: 'name a file' };
  }
  return found.size > bounds.maxBytes ? tooLarge(found.size, bounds) : undefined;
}

function tooLarge(size: number, { maxBytes }: FileBounds): FileRefusal {
  const message = `the file has ${size} bytes; the maximum for such a file is ${maxBytes}`;
  return { ok: false, code: 'too_large', message, hint: 'split it into several files' };
}

/** Where an open file really lies. Linux says so of the file itself; elsewhere its path is followed again. */
async function openedPath(handle: FileHandle, path: string): Promise<string> {
  return readlink(`/proc/self/fd/${handle.fd}`).catch(() => realpath(path));
}

/** At most one byte more than a file may have. */
async function readStart(handle: FileHandle, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of handle.createReadStream({ end: maxBytes, autoClose: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks, size);
}

/** Whether something is at a path, of whatever kind. */
export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
