import { parseDuration } from '../core/duration.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Path } from '../yaml/path.ts';
import { type Keys, pathBeside, type Reading } from './reading.ts';
import type { DocumentSpec } from './test-file.ts';

/** Most documents that one entry may make: a test is read by people, and runs in milliseconds. */
const MOST = 100_000;

/** Reads the documents of a test; `index` is where those lie that name none. */
export function readDocuments(
  given: readonly Keys[],
  path: Path,
  index: string | undefined,
  reading: Reading,
): readonly DocumentSpec[] {
  return given.flatMap((keys, position) => readOne(keys, [...path, position], index, reading) ?? []);
}

function readOne(keys: Keys, path: Path, fallback: string | undefined, reading: Reading): DocumentSpec | undefined {
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
  const times = timesOf(keys, path, reading);
  const variants = variantsOf(keys['for_each']);
  if (times.length * variants.length > MOST) {
    complaints.error('rule-test/too-large', path, `more than ${MOST} documents`, 'a smaller `repeat`');
    return undefined;
  }
  return { kind: 'generated', ...common, source: isObject(source) ? (source as JsonObject) : {}, times, variants };
}

function fileTime(keys: Keys, path: Path, reading: Reading): { readonly from?: Instant } {
  for (const key of ['repeat', 'every', 'for_each']) {
    if (own(keys, key) !== undefined)
      reading.complaints.error('rule-test/invalid', [...path, key], `\`${key}\` is for a \`document\``, 'remove it', 'key');
  }
  const { at } = keys;
  if (at === undefined) return {};
  if (typeof at === 'string') return { from: reading.time(at, [...path, 'at']) };
  reading.complaints.error('rule-test/invalid', [...path, 'at'], 'a file begins at one time', 'at: 0s');
  return {};
}

function timesOf(keys: Keys, path: Path, reading: Reading): readonly Instant[] {
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

/** Every combination of the values; one empty set without `for_each`. */
function variantsOf(forEach: unknown): readonly JsonObject[] {
  if (!isObject(forEach)) return [{}];
  return Object.entries(forEach).reduce<readonly JsonObject[]>(
    (variants, [field, values]) => {
      const given: readonly Json[] = Array.isArray(values) ? values : [];
      return variants.length * given.length > MOST
        ? variants
        : variants.flatMap((variant) => given.map((value) => ({ ...variant, [field]: value })));
    },
    [{}],
  );
}

function durationOf(value: unknown): Duration | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined;
}
