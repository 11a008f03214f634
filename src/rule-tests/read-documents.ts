import { flatten } from '../backends/embedded/flatten.ts';
import { parseDuration } from '../core/duration.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Path } from '../yaml/path.ts';
import { type Keys, pathBeside, type TestFileReading } from './reading.ts';
import type { DocumentSpec } from './test-file.ts';

/** Most documents that one entry may make: a test is read by people, and runs in milliseconds. */
const MOST = 100_000;
/** Most documents that the entries of one file may make. */
const MOST_OF_FILE = 2_000_000;

/** Reads the documents of a test; `index` is where those lie that name none. */
export function readDocuments(
  given: readonly Keys[],
  path: Path,
  index: string | undefined,
  reading: TestFileReading,
): readonly DocumentSpec[] {
  return given.flatMap((keys, position) => readOne(keys, [...path, position], index, reading) ?? []);
}

function readOne(keys: Keys, path: Path, fallback: string | undefined, reading: TestFileReading): DocumentSpec | undefined {
  const { complaints, document } = reading;
  const { file, document: source } = keys;
  if ((file === undefined) === (source === undefined)) {
    const message = file === undefined ? 'expected `document` or `file`' : 'expected `document` or `file`, not both';
    complaints.error('rule-test/invalid', path, message, 'document: { message: … }');
    return undefined;
  }
  const index = typeof keys['index'] === 'string' ? keys['index'] : fallback;
  const after = durationOf(keys['arrives_after']);
  const common = {
    position: document.place(path),
    ...(index === undefined ? {} : { index }),
    ...(after === undefined ? {} : { arrivesAfter: after }),
  };
  if (typeof file === 'string')
    return { kind: 'file', ...common, file: pathBeside(document.file, file), ...fileTime(keys, path, reading) };
  // Counted before they are made: what is made first and counted then has filled the memory.
  const count = countOf(keys);
  if (count > MOST) {
    const hint = 'use a smaller `repeat`, or fewer values in `for_each`';
    complaints.error('rule-test/too-large', path, `${count} documents in one entry; the maximum is ${MOST}`, hint);
    return undefined;
  }
  reading.made.documents += count;
  if (reading.made.documents > MOST_OF_FILE) {
    complaints.error('rule-test/too-large', path, `more than ${MOST_OF_FILE} documents in one file`, 'use several files');
    return undefined;
  }
  const times = timesOf(keys, path, reading);
  const variants = variantsOf(keys['for_each']);
  const fields = isObject(source) ? (source as JsonObject) : {};
  checkTimes(keys, fields, path, reading);
  return { kind: 'generated', ...common, source: fields, times, offsets: offsetsOf(keys['times']), variants };
}

function fileTime(keys: Keys, path: Path, reading: TestFileReading): { readonly from?: Instant } {
  for (const key of ['repeat', 'every', 'times', 'for_each']) {
    if (own(keys, key) !== undefined)
      reading.complaints.error(
        'rule-test/invalid',
        [...path, key],
        `\`${key}\` works only with \`document\``,
        'remove it',
        'key',
      );
  }
  const { at } = keys;
  if (at === undefined) return {};
  if (typeof at === 'string') return { from: reading.time(at, [...path, 'at']) };
  reading.complaints.error('rule-test/invalid', [...path, 'at'], '`at` of a file must be a single time', 'at: 0s');
  return {};
}

function timesOf(keys: Keys, path: Path, reading: TestFileReading): readonly Instant[] {
  const { at = '0s' } = keys;
  const begins = Array.isArray(at)
    ? at.map((text, index) => reading.time(String(text), [...path, 'at', index]))
    : [reading.time(String(at), [...path, 'at'])];
  const repeat = Number(keys['repeat'] ?? 1);
  const every = durationOf(keys['every']);
  if (every === undefined && repeat > 1) {
    reading.complaints.error('rule-test/invalid', [...path, 'repeat'], '`repeat` needs `every`', 'every: 3s');
  }
  if (every !== undefined && keys['repeat'] === undefined) {
    reading.complaints.error('rule-test/invalid', [...path, 'every'], '`every` needs `repeat`', 'repeat: 20', 'key');
  }
  return begins.flatMap((begin) => Array.from({ length: repeat }, (_, step) => begin + step * (every ?? 0)));
}

/** A field is given once: in `document`, `for_each` or `times`. */
function checkTimes({ times, for_each: forEach }: Keys, source: JsonObject, path: Path, { complaints }: TestFileReading): void {
  const given = [...flatten(source).keys(), ...Object.keys(isObject(forEach) ? forEach : {})];
  for (const field of Object.keys(isObject(times) ? times : {})) {
    const same = given.find((one) => one === field || one.startsWith(`${field}.`));
    if (same === undefined) continue;
    const message = `\`${same}\` is given twice, here and in \`document\` or \`for_each\``;
    complaints.error('rule-test/invalid', [...path, 'times', field], message, 'remove one of them', 'key');
  }
}

function offsetsOf(times: unknown): Readonly<Record<string, Duration>> {
  const given = isObject(times) ? Object.entries(times) : [];
  return Object.fromEntries(given.map(([field, after]) => [field, offsetOf(String(after))]));
}

function offsetOf(text: string): Duration {
  return text.startsWith('-') ? -(parseDuration(text.slice(1)) ?? 0) : (parseDuration(text) ?? 0);
}

/** How many documents an entry makes. */
function countOf(keys: Keys): number {
  const { at, for_each: forEach } = keys;
  const sizes = isObject(forEach) ? Object.values(forEach).map((values) => (Array.isArray(values) ? values.length : 0)) : [];
  const times = (Array.isArray(at) ? at.length : 1) * Number(keys['repeat'] ?? 1);
  // A set of a thousand fields is as much to make as a document for each ten of them.
  return sizes.reduce((product, size) => product * size, times * Math.ceil(sizes.length / 10 || 1));
}

/** Every combination of the values; one empty set without `for_each`. */
function variantsOf(forEach: unknown): readonly JsonObject[] {
  if (!isObject(forEach)) return [{}];
  return Object.entries(forEach).reduce<readonly JsonObject[]>(
    (variants, [field, values]) => {
      const given: readonly Json[] = Array.isArray(values) ? values : [];
      return variants.flatMap((variant) => given.map((value) => ({ ...variant, [field]: value })));
    },
    [{}],
  );
}

function durationOf(value: unknown): Duration | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined;
}
