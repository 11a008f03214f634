import { createDocuments, type DocumentStore, type GivenDocument } from '../backends/embedded/documents.ts';
import { flatten } from '../backends/embedded/flatten.ts';
import { readNdjson } from '../backends/embedded/ndjson.ts';
import { type JsonObject, jsonText } from '../core/json.ts';
import type { Problem } from '../core/problems.ts';
import type { Duration, Instant } from '../core/time.ts';
import { openFile } from '../files/open-file.ts';
import type { Budget } from './budget.ts';
import type { DocumentSpec, DocumentsOfFile, GeneratedDocuments } from './test-file.ts';

/** The documents of a test, each with its time field; `batches` says which entry made them, for the timeline. */
export interface MadeDocuments {
  readonly documents: readonly TestDocument[];
  readonly batches: readonly DocumentBatch[];
  readonly problems: readonly Problem[];
}

/** Documents of one entry of a test. */
export interface DocumentBatch {
  readonly documents: readonly TestDocument[];
  readonly late: Duration | undefined;
  readonly problems: readonly Problem[];
}

/** A document of a test, and its time. */
export interface TestDocument extends GivenDocument {
  readonly time: Instant | undefined;
}

const MOST_PROBLEMS = 10;
/** Largest file of documents, bytes. */
const MAX_FILE = 64 * 1024 * 1024;

/** What documents are made with: the time fields of the rules, the folders (real paths) that files may lie in, and what the run may use. */
export interface Making {
  readonly timeFields: readonly string[];
  readonly within: readonly string[];
  /** The mapping that the test gives. */
  readonly mapping?: JsonObject | undefined;
  readonly budget: Budget;
}

/** Makes the documents of a test, in the order of its entries. A document that has a time field keeps its own. */
export async function makeDocuments(specs: readonly DocumentSpec[], making: Making): Promise<MadeDocuments> {
  const { mapping } = making;
  const { dates } = createDocuments(mapping === undefined ? {} : { mapping });
  const dated: Dated = { ...making, dates };
  const batches: DocumentBatch[] = [];
  for (const spec of specs) {
    const batch = spec.kind === 'file' ? await readFileOf(spec, dated) : generate(spec, dated);
    batches.push({ ...batch, problems: [...batch.problems, ...unreadableTimes(batch.documents, spec, dated)] });
    await making.budget.breathe();
  }
  return {
    batches,
    documents: batches.flatMap((batch) => batch.documents),
    problems: batches.flatMap((batch) => batch.problems),
  };
}

/** What documents are made with, and how the dates of their fields are written. */
interface Dated extends Making {
  readonly dates: DocumentStore['dates'];
}

/** Elasticsearch would refuse such a document, or no window would find it. */
function unreadableTimes(
  documents: readonly TestDocument[],
  spec: DocumentSpec,
  { timeFields, dates }: Dated,
): readonly Problem[] {
  return timeFields.flatMap((field): Problem[] => {
    const strange = documents.flatMap(({ source }) => {
      const first = flatten(source).get(field)?.[0];
      return first !== undefined && dates(field).parse(first) === undefined ? [String(first)] : [];
    });
    const [example] = strange;
    if (example === undefined) return [];
    const message = `${strange.length} of ${documents.length} documents have a ${field} that is not a date, such as ${JSON.stringify(example)}`;
    const hint = 'write it in ISO 8601, or add a `mapping` with the field’s `format` to the test';
    return [{ code: 'rule-test/unreadable-time', severity: 'error', message, hint, at: spec.position }];
  });
}

function generate(spec: GeneratedDocuments, { timeFields, budget, dates }: Dated): DocumentBatch {
  budget.spend('documents', spec.times.length * spec.variants.length);
  budget.spend('characters', spec.times.length * sizeOf(spec));
  const offsets = Object.entries(spec.offsets);
  const documents = spec.variants.flatMap((variant) => {
    const own = flatten({ ...spec.source, ...spec.offsets, ...variant });
    const missing = timeFields.filter((field) => !own.has(field));
    return spec.times.map((time): TestDocument => {
      const stamps = Object.fromEntries(missing.map((field) => [field, dates(field).print(time)]));
      const offset = Object.fromEntries(offsets.map(([field, after]) => [field, dates(field).print(time + after)]));
      return withArrival({ ...stamps, ...spec.source, ...offset, ...variant }, time, spec);
    });
  });
  return { documents, late: spec.arrivesAfter, problems: [] };
}

function withArrival(
  source: JsonObject,
  time: Instant | undefined,
  spec: DocumentSpec,
  own: Partial<GivenDocument> = {},
): TestDocument {
  const index = own.index ?? spec.index;
  const late = spec.arrivesAfter === undefined || time === undefined ? undefined : time + spec.arrivesAfter;
  return {
    source,
    time,
    ...(index === undefined ? {} : { index }),
    ...(own.id === undefined ? {} : { id: own.id }),
    ...(late === undefined ? {} : { arrivedAt: late }),
  };
}

/** Characters of the documents of one time, more or less. */
function sizeOf({ source, variants }: GeneratedDocuments): number {
  const own = jsonText(source).length;
  return variants.reduce((sum, variant) => sum + own + jsonText(variant).length, 0);
}

async function readFileOf(spec: DocumentsOfFile, { timeFields, within, budget, dates }: Dated): Promise<DocumentBatch> {
  const given: GivenDocument[] = [];
  const problems: Problem[] = [];
  const opened = await openFile(spec.file, { maxBytes: MAX_FILE, within });
  if (!opened.ok) {
    const message = `${spec.file} cannot be read: ${opened.message}`;
    const hint = opened.code === 'outside' ? opened.hint : 'paths are relative to the test file';
    problems.push({ code: 'rule-test/unreadable', severity: 'error', message, hint, at: spec.position });
    return { documents: [], late: spec.arrivesAfter, problems };
  }
  budget.spend('characters', opened.found.size);
  try {
    for await (const line of readNdjson(spec.file, opened.handle.createReadStream({ end: MAX_FILE, autoClose: false }))) {
      budget.spend('documents', 1);
      if (line.ok) given.push(line.value);
      else if (problems.length < MOST_PROBLEMS) problems.push(...line.problems);
    }
  } finally {
    await opened.handle.close();
  }
  // The rules' own time field where a document has it, before the one that every document may have.
  const timeField = timeFields.findLast((field) => given.some(({ source }) => flatten(source).has(field))) ?? '@timestamp';
  const format = dates(timeField);
  const timed = given.map((one) => ({ one, time: format.parse(flatten(one.source).get(timeField)?.[0]) }));
  const oldest = timed.reduce<Instant | undefined>(
    (first, { time }) => (first === undefined || (time ?? first) < first ? time : first),
    undefined,
  );
  const shift = spec.from === undefined || oldest === undefined ? 0 : spec.from - oldest;
  const documents = timed.map(({ one, time }) => {
    if (time === undefined || shift === 0) return withArrival(one.source, time, spec, one);
    return withArrival({ ...one.source, [timeField]: format.print(time + shift) }, time + shift, spec, one);
  });
  return { documents, late: spec.arrivesAfter, problems };
}
