import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { asError, TocsinError } from '../../core/errors.ts';
import type { CommandLine } from '../command-line.ts';

/** Where a recording is written. */
export interface RecordingOutput {
  write(text: string): Promise<void>;
  /** The recording is whole: it takes its place, and that of a file that was there before. */
  keep(): Promise<void>;
  /** Removes what was written, unless it was kept. */
  discard(): Promise<void>;
}

/**
 * Opens a recording for its owner alone: it holds what documents hold. It is written beside its file and takes its name in the end, so that a recording
 * that was there is lost to none that was interrupted. Devices and pipes, such as /dev/stdout, are written to at once.
 */
export async function openRecording(
  file: string | undefined,
  line: Pick<CommandLine, 'folder' | 'stdout'>,
): Promise<RecordingOutput> {
  if (file === undefined) return { write: async (text) => line.stdout.write(text), keep: nothing, discard: nothing };
  const named = isAbsolute(file) ? file : join(line.folder, file);
  try {
    const present = await stat(named).catch(unlessMissing);
    if (present !== undefined && !present.isFile()) return directly(await open(named, 'w'));
    // A link goes on naming the file that it names.
    return await beside(present === undefined ? named : await realpath(named));
  } catch (thrown) {
    throw unwritable(file, thrown);
  }
}

const nothing = async (): Promise<void> => undefined;

function directly(handle: FileHandle): RecordingOutput {
  return { write: (text) => handle.appendFile(text), keep: nothing, discard: () => handle.close() };
}

async function beside(file: string): Promise<RecordingOutput> {
  const part = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.part`);
  const handle = await open(part, 'wx', 0o600);
  let kept = false;
  return {
    write: (text) => handle.appendFile(text),
    keep: async () => {
      try {
        await handle.sync();
        await rename(part, file);
      } catch (thrown) {
        throw unwritable(file, thrown);
      }
      kept = true;
    },
    discard: async () => {
      await handle.close();
      if (!kept) await unlink(part).catch(() => undefined);
    },
  };
}

function unlessMissing(thrown: unknown): undefined {
  if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  return undefined;
}

function unwritable(file: string, thrown: unknown): TocsinError {
  return new TocsinError('cli/output', `${file} cannot be written: ${asError(thrown).message}`, {
    hint: 'choose a file in an existing, writable folder',
    cause: thrown,
  });
}
