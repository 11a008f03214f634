import { lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FileBounds, type FileRefusal, outsideOf, readFileText, refusalOf } from './open-file.ts';

const MARK = '\u{feff}';

/**
 * Puts another text in place of that of a regular file, all of it or nothing: the text is written beside it and takes its name. Refused where
 * the path is a link or leads out of the folders `within`, and where the file no longer holds `before`. Its mode stays, and so does a byte order
 * mark. Undefined: done.
 */
export async function replaceFileText(
  path: string,
  before: string,
  after: string,
  bounds: FileBounds,
): Promise<FileRefusal | undefined> {
  try {
    if ((await lstat(path)).isSymbolicLink())
      return refusal('not_regular', 'this is a link, and only regular files are written', 'edit the file that it points to');
    const real = await realpath(path);
    const outside = outsideOf(real, bounds);
    if (outside !== undefined) return outside;
    const read = await readFileText(path, bounds);
    if (!read.ok) return read;
    if (read.text !== before) return refusal('unreadable', 'it was changed in the meantime', 'run the command again');
    const marked = (await stat(real)).size > Buffer.byteLength(before);
    return await written(real, marked ? MARK + after : after, read.mode);
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

async function written(real: string, text: string, mode: number): Promise<undefined> {
  const beside = join(dirname(real), `.${basename(real)}.tocsin-new`);
  // `wx`: an existing file or link is never followed or overwritten.
  const handle = await open(beside, 'wx', mode & 0o777);
  try {
    try {
      await handle.chmod(mode & 0o777);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, real);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw thrown;
  }
  return undefined;
}

function refusal(code: FileRefusal['code'], message: string, hint: string): FileRefusal {
  return { ok: false, code, message, hint };
}
