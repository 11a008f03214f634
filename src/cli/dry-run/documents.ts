import { readFile as readText, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createGunzip } from 'node:zlib';
import { createDocuments, type DocumentStore, type GivenDocument } from '../../backends/embedded/documents.ts';
import { readNdjson } from '../../backends/embedded/ndjson.ts';
import { asError, TocsinError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { formatProblem, type Problem } from '../../core/problems.ts';
import { type OpenedFile, openFile } from '../../files/open-file.ts';

const BATCH = 1_000;
const PROBLEMS_SHOWN = 5;
/** Largest file, bytes, and most bytes of all files unpacked: a packed file of a few kilobytes may hold as many gigabytes. */
const MAX_FILE = 2 * 1024 * 1024 * 1024;
const MAX_UNPACKED = 2 * 1024 * 1024 * 1024;

/** The limits of reading, and the callback for its progress. */
export interface ReadingDocuments {
  readonly most: number;
  readonly signal: AbortSignal;
  /** What the documents are, as `PUT index` takes it. */
  readonly mapping?: JsonObject;
  read(count: number): void;
}

/**
 * Reads files of documents, one JSON document a line, as streams (`.gz` is unpacked). Only regular files that lie in the folder they are named in
 * are read, and at most so many documents. Throws TocsinError for a file that cannot be read and for invalid lines: a run over a
 * part of them would say nothing.
 */
export async function readDocumentFiles(files: readonly string[], reading: ReadingDocuments): Promise<DocumentStore> {
  const store = createDocuments(reading.mapping === undefined ? {} : { mapping: reading.mapping });
  const problems: Problem[] = [];
  const left = { bytes: MAX_UNPACKED };
  for (const file of files) await readFile(file, store, problems, reading, left);
  if (problems.length > 0) throw badLines(problems);
  return store;
}

/** Reads a mapping: JSON as `PUT index` takes it. Throws TocsinError for a file that has none. */
export async function readMappingFile(file: string): Promise<JsonObject> {
  const hint = 'a file with what `GET index/_mapping` answers under `mappings`: {"properties": {…}}';
  try {
    const json: unknown = JSON.parse(await readText(file, 'utf8'));
    const mapping = mappingIn(json);
    if (mapping !== undefined) return mapping;
  } catch (thrown) {
    throw new TocsinError('documents/mapping', `${file} cannot be read: ${asError(thrown).message}`, { hint, cause: thrown });
  }
  throw new TocsinError('documents/mapping', `${file} has no mapping: expected an object with \`properties\``, { hint });
}

/** The mapping itself, an object with it under `mappings`, or the only index in what `GET index/_mapping` answers. */
function mappingIn(json: unknown): JsonObject | undefined {
  if (!isObject(json)) return undefined;
  if (isObject(json['properties'])) return json as JsonObject;
  const [only, ...others] = Object.values(json);
  return others.length === 0 ? mappingIn(only) : mappingIn(json['mappings']);
}

/** What a person must know of documents that no window can find, one line for each time field. */
export function timeNotes(store: DocumentStore, timeFields: readonly string[]): readonly string[] {
  const of = (count: number) => `${count} of ${store.size()} documents`;
  return timeFields.flatMap((field) => {
    const { unreadable, ancient } = store.strangeTimes(field);
    return [
      ...(unreadable === undefined
        ? []
        : [
            `${of(unreadable.count)} have a ${field} that is not a date, such as ${JSON.stringify(unreadable.example)}: no window finds them. Give its \`format\` in a mapping: --mapping FILE`,
          ]),
      ...(ancient === undefined
        ? []
        : [
            `${of(ancient.count)} have a ${field} of 1970, such as ${ancient.example}: if these are seconds, give \`format: epoch_second\` in a mapping: --mapping FILE`,
          ]),
    ];
  });
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

/** Where a file has to lie: in the folder that it is named in. A missing file is reported when it is opened. */
async function folderOf(file: string): Promise<string> {
  return realpath(dirname(file)).catch(() => dirname(file));
}

async function* chunksOf(
  file: string,
  { handle }: OpenedFile,
  signal: AbortSignal,
  left: { bytes: number },
): AsyncGenerator<Uint8Array> {
  // A stream that is made with a signal that was given before fails outside of this loop.
  signal.throwIfAborted();
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
