import { createReadStream } from 'node:fs';
import { readFile as readText } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { createDocuments, type DocumentStore, type GivenDocument } from '../../backends/embedded/documents.ts';
import { readNdjson } from '../../backends/embedded/ndjson.ts';
import { asError, TocsinError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
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
  mapping?: JsonObject,
): Promise<DocumentStore> {
  const store = createDocuments(mapping === undefined ? {} : { mapping });
  const problems: Problem[] = [];
  for (const file of files) await readFile(file, store, problems, read, signal);
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

/** The mapping itself, what stands around it under `mappings`, or the only index in what `GET index/_mapping` answers. */
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
            `${of(unreadable.count)} have a ${field} that is no date, such as ${JSON.stringify(unreadable.example)}: no window finds them. Give its \`format\` in a mapping: --mapping FILE`,
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
