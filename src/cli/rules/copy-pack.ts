import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asError, TocsinError } from '../../core/errors.ts';
import { readFileText } from '../../files/open-file.ts';
import type { CopyState } from '../../reports/packs-report.ts';
import { filesOfPack } from './packs.ts';

/** Largest file that is compared with one of a pack, bytes. */
const MAX_BYTES = 1024 * 1024;
/** The first line of a rule test names the schema of this repository, which is not where the copy goes. */
const SCHEMA_LINE = /^# yaml-language-server:.*\n(?:#\n)?/;

/** Where a pack is copied from and to, and whether files that are others there are overwritten. */
export interface Copy {
  readonly from: string;
  readonly to: string;
  readonly force: boolean;
}

/**
 * Copies the files of a pack into a folder, which is made if need be. A file that is there with another content is left alone unless `force` is
 * given. Throws TocsinError for what cannot be written.
 */
export async function copyPack({
  from,
  to,
  force,
}: Copy): Promise<readonly { readonly file: string; readonly state: CopyState }[]> {
  const copied: { readonly file: string; readonly state: CopyState }[] = [];
  try {
    await mkdir(to, { recursive: true });
    for (const name of await filesOfPack(from)) {
      const text = (await readFile(join(from, name), 'utf8')).replace(SCHEMA_LINE, '');
      copied.push({ file: join(to, name), state: await put(join(to, name), text, force) });
    }
  } catch (thrown) {
    if (thrown instanceof TocsinError) throw thrown;
    throw new TocsinError('cli/not-written', `cannot write to ${to}: ${asError(thrown).message}`, {
      hint: 'choose a writable folder with --into',
      cause: thrown,
    });
  }
  return copied;
}

async function put(file: string, text: string, force: boolean): Promise<CopyState> {
  const there = await readFileText(file, { maxBytes: MAX_BYTES });
  if (there.ok) {
    if (there.text === text) return 'unchanged';
    if (!force) return 'kept';
    await replace(file, text);
    return 'replaced';
  }
  // Whatever else is of this name (a folder, a link that leads nowhere) is not ours to remove.
  if (there.code !== 'absent') throw inTheWay(file, `compared: ${there.message}`);
  await writeNew(file, text);
  return 'written';
}

/** Writes a file that does not exist: what has its name is neither followed nor overwritten. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (thrown) {
    throw asError(thrown).message.startsWith('EEXIST')
      ? inTheWay(file, 'written: it is a broken link, or was left over')
      : thrown;
  }
}

function inTheWay(file: string, why: string): TocsinError {
  return new TocsinError('cli/not-written', `${file} cannot be ${why}`, { hint: 'move it away' });
}

/** Beside it first, so that a Tocsin that reloads meanwhile never reads half of a file. Its name is hidden: no rule. */
async function replace(file: string, text: string): Promise<void> {
  const beside = file.replace(/[^/\\]+$/, (name) => `.${name}.new`);
  await writeNew(beside, text);
  try {
    await rename(beside, file);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw thrown;
  }
}
