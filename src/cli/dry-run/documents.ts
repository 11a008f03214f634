import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createGunzip } from 'node:zlib';
import { createDocuments, type DocumentStore, type GivenDocument } from '../../backends/embedded/documents.ts';
import { readNdjson } from '../../backends/embedded/ndjson.ts';
import { asError, TocsinError } from '../../core/errors.ts';
import { formatProblem, type Problem } from '../../core/problems.ts';
import { type OpenedFile, openFile } from '../../files/open-file.ts';

const BATCH = 1_000;
const PROBLEMS_SHOWN = 5;
/** Largest file, bytes, and most bytes of all files unpacked: a packed file of a few kilobytes may hold as many gigabytes. */
const MAX_FILE = 2 * 1024 * 1024 * 1024;
const MAX_UNPACKED = 2 * 1024 * 1024 * 1024;

/** What reading is bounded by, and whom it tells how far it is. */
export interface ReadingDocuments {
  readonly most: number;
  readonly signal: AbortSignal;
  read(count: number): void;
}

/**
 * Reads files of documents, one JSON document a line, as streams (`.gz` is unpacked). Only regular files that lie in the folder they are named in
 * are read, and at most so many documents. Throws TocsinError for a file that cannot be read and for lines that are no documents: a run over a
 * part of them would say nothing.
 */
export async function readDocuments(files: readonly string[], reading: ReadingDocuments): Promise<DocumentStore> {
  const store = createDocuments();
  const problems: Problem[] = [];
  const left = { bytes: MAX_UNPACKED };
  for (const file of files) await readFile(file, store, problems, reading, left);
  if (problems.length > 0) throw badLines(problems);
  return store;
}

async function readFile(
  file: string,
  store: DocumentStore,
  problems: Problem[],
  { most, signal, read }: ReadingDocuments,
  left: { bytes: number },
): Promise<void> {
  const opened = await openFile(file, { maxBytes: MAX_FILE, within: [await folderOf(file)] });
  if (!opened.ok) throw unreadable(file, opened.message, opened.code === 'outside' ? opened.hint : FORM);
  let batch: GivenDocument[] = [];
  const add = () => {
    store.add(batch);
    batch = [];
    if (store.size() > most)
      throw new TocsinError('documents/too-many', `more than ${most} documents`, {
        hint: 'fewer documents, or a higher --max-documents',
      });
    read(store.size());
  };
  try {
    for await (const line of readNdjson(file, chunksOf(file, opened, signal, left))) {
      if (line.ok) batch.push(line.value);
      else problems.push(...line.problems.slice(0, PROBLEMS_SHOWN));
      if (problems.length > PROBLEMS_SHOWN) return;
      if (batch.length >= BATCH) add();
    }
  } catch (thrown) {
    if (signal.aborted || thrown instanceof TocsinError) throw thrown;
    throw unreadable(file, asError(thrown).message, FORM, thrown);
  } finally {
    await opened.handle.close();
  }
  add();
}

const FORM = 'name files with one JSON document a line (.ndjson, or .ndjson.gz)';

function unreadable(file: string, message: string, hint: string, cause?: unknown): TocsinError {
  return new TocsinError('documents/unreadable', `${file} cannot be read: ${message}`, { hint, cause });
}

/** Where a file has to lie: in the folder that it is named in. One that is not there is told of when the file is opened. */
async function folderOf(file: string): Promise<string> {
  return realpath(dirname(file)).catch(() => dirname(file));
}

async function* chunksOf(
  file: string,
  { handle }: OpenedFile,
  signal: AbortSignal,
  left: { bytes: number },
): AsyncGenerator<Uint8Array> {
  const stream = handle.createReadStream({ signal, autoClose: false });
  const unpacked = file.endsWith('.gz') ? createGunzip() : undefined;
  if (unpacked !== undefined) stream.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  for await (const chunk of (unpacked ?? stream) as AsyncIterable<Uint8Array>) {
    left.bytes -= chunk.length;
    if (left.bytes < 0)
      throw new TocsinError('documents/too-many', `the documents hold more than ${MAX_UNPACKED} bytes, unpacked`, {
        hint: 'fewer documents',
      });
    yield chunk;
  }
}

function badLines(problems: readonly Problem[]): TocsinError {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(formatProblem).join('; ');
  return new TocsinError('documents/bad-line', `${shown}${problems.length > PROBLEMS_SHOWN ? '; and more' : ''}`);
}
