import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { createDocuments, type DocumentStore, type GivenDocument } from '../../backends/embedded/documents.ts';
import { readNdjson } from '../../backends/embedded/ndjson.ts';
import { asError, TocsinError } from '../../core/errors.ts';
import { formatProblem, type Problem } from '../../core/problems.ts';

const BATCH = 1_000;
const PROBLEMS_SHOWN = 5;

/**
 * Reads files of documents, one JSON document a line, as streams (`.gz` is unpacked). Throws TocsinError for a file that cannot be read
 * and for lines that are no documents: a run over a part of them would say nothing.
 */
export async function readDocuments(
  files: readonly string[],
  read: (count: number) => void,
  signal: AbortSignal,
): Promise<DocumentStore> {
  const store = createDocuments();
  const problems: Problem[] = [];
  for (const file of files) await readFile(file, store, problems, read, signal);
  if (problems.length > 0) throw badLines(problems);
  return store;
}

async function readFile(
  file: string,
  store: DocumentStore,
  problems: Problem[],
  read: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let batch: GivenDocument[] = [];
  try {
    for await (const line of readNdjson(file, chunksOf(file, signal))) {
      if (line.ok) batch.push(line.value);
      else problems.push(...line.problems.slice(0, PROBLEMS_SHOWN));
      if (problems.length > PROBLEMS_SHOWN) return;
      if (batch.length < BATCH) continue;
      store.add(batch);
      batch = [];
      read(store.size());
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    throw new TocsinError('documents/unreadable', `${file} cannot be read: ${asError(thrown).message}`, {
      hint: 'name files with one JSON document a line (.ndjson, or .ndjson.gz)',
      cause: thrown,
    });
  }
  store.add(batch);
}

function chunksOf(file: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const stream = createReadStream(file, { signal });
  if (!file.endsWith('.gz')) return stream;
  const unpacked = createGunzip();
  stream.on('error', (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
}

function badLines(problems: readonly Problem[]): TocsinError {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(formatProblem).join('; ');
  return new TocsinError('documents/bad-line', `${shown}${problems.length > PROBLEMS_SHOWN ? '; and more' : ''}`);
}
