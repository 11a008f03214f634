import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FileRefusal, outsideOf, refusalOf } from './open-file.ts';

/** Where a file may be written, and whether one that is there may be replaced. */
export interface WritingBounds {
  /** Real paths of folders of one of which it has to lie in; any place where none is named. */
  readonly within?: readonly string[];
  readonly replace: boolean;
}

/** A file that was written, or why it was not. */
export type WrittenFile = { readonly ok: true } | FileRefusal;

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;

/**
 * Writes a text file whole or not at all: beside its place first, then in its place. A folder that is missing is made, one level deep. Nothing is
 * written through a link: neither the file nor its folder may be one, and the folder has to lie within the bounds.
 */
export async function writeFileText(path: string, text: string, bounds: WritingBounds): Promise<WrittenFile> {
  const folder = dirname(path);
  const beside = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    const refused = await refusedFolder(folder, bounds);
    if (refused !== undefined) return refused;
    const there = await lstat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile()) return refusal('a link, a folder or a device exists at this path', 'remove it');
    if (there !== undefined && !bounds.replace) return refusal('this file already exists', 'remove it, or use --force');
    const handle = await open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, there === undefined ? 0o644 : there.mode & 0o777);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
    return { ok: true };
  } catch (thrown) {
    await rm(beside, { force: true }).catch(() => undefined);
    return unwritable(thrown);
  }
}

/** Removes a file that `writeFileText` could have written there; one that does not exist is removed already. */
export async function removeFile(path: string, bounds: Pick<WritingBounds, 'within'>): Promise<WrittenFile> {
  try {
    const refused = await refusedFolder(dirname(path), bounds);
    if (refused !== undefined) return refused;
    const there = await lstat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile()) return refusal('a link, a folder or a device exists at this path', 'remove it');
    await rm(path, { force: true });
    return { ok: true };
  } catch (thrown) {
    return unwritable(thrown);
  }
}

/** The folder is looked at with its own name: a link there would lead what is written to somewhere else. */
async function refusedFolder(folder: string, bounds: Pick<WritingBounds, 'within'>): Promise<FileRefusal | undefined> {
  const parent = outsideOf(await realpath(dirname(folder)), bounds);
  const there = await lstat(folder).catch(() => undefined);
  if (there === undefined) {
    if (parent !== undefined) return outside;
    await mkdir(folder);
    return undefined;
  }
  if (there.isSymbolicLink() && bounds.within !== undefined) return refusal('its folder is a link', 'replace it with a folder');
  return outsideOf(await realpath(folder), bounds) === undefined ? undefined : outside;
}

const outside: FileRefusal = {
  ...{ ok: false, code: 'outside', message: 'it points outside its folder, and files are written only inside it' },
  hint: 'use the folder that contains it',
};

function refusal(message: string, hint: string): FileRefusal {
  return { ok: false, code: 'unreadable', message, hint };
}

function unwritable(thrown: unknown): FileRefusal {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const { message } = refusalOf(thrown);
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'permission denied' : undefined;
  const full = code === 'ENOSPC' ? 'the disk is full' : undefined;
  return refusal(denied ?? full ?? message.replace('read', 'written'), 'check the path and its permissions');
}
