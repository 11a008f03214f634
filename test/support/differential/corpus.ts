import fc from 'fast-check';
import type { JsonObject } from '../../../src/core/json.ts';

/** Fixed mapping of the corpus: one field of each kind that rules ask about. */
export const CORPUS_MAPPING: JsonObject = {
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date' },
    id: { type: 'keyword' },
    level: { type: 'keyword' },
    host: { properties: { name: { type: 'keyword' } } },
    code: { type: 'long' },
    load: { type: 'double' },
    ok: { type: 'boolean' },
    started: { type: 'date' },
    address: { type: 'ip' },
    message: { type: 'text', fields: { keyword: { type: 'keyword' } } },
    bare: { type: 'text' },
    never: { type: 'long' },
  },
};

/** Beginning of the corpus' hour. */
export const HOUR_START = Date.UTC(2026, 2, 1, 12);

/** Texts that make collisions likely and that analysis, patterns and ordering disagree about when they are wrong. */
export const WORDS: readonly string[] = [
  'error',
  'Error',
  'timeout',
  'time-out',
  'web-1',
  'web-10',
  'WEB-1',
  'db 1',
  'a.b',
  'a.b.c',
  'x_y',
  'straße',
  'STRASSE',
  'Übung',
  'übung',
  '東京',
  '東京 tower',
  '😀',
  'Ａ',
  "don't",
  '1,000.5',
  '3.14',
  '200',
  '404',
  'true',
  '2026-03-01',
  '10.0.0.1',
  '*',
  'back\\slash',
  '"quoted"',
  'a:b',
  'or',
  'and not',
  '',
  ' ',
  'éclair',
  'e\u0301clair',
  '\u{1f680}z',
  '\uff5e',
];

const word = fc.constantFrom(...WORDS);
const sentence = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));
const code = fc.constantFrom<number | string>(200, 200, 201, 404, 500, 503, -1, 0, '200', '503');
const load = fc.oneof(
  fc.constantFrom<number | string>(0, -0.5, 0.1, 0.2, 0.3, 1, 2.5, 1e10, 1e-7, '0.75', 3),
  fc.double({ min: -1_000, max: 1_000, noNaN: true }),
);
const moment = fc.oneof(
  fc.constantFrom(
    '2026-03-01',
    '2026-03-01T12:00:00Z',
    '2026-03-01T12:00:00.999Z',
    '2026-02-28T23:59:59.999Z',
    '2026-03-02T00:00:00+02:00',
  ),
  fc.integer({ min: HOUR_START - 86_400_000, max: HOUR_START + 86_400_000 }),
);
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.1.0.1', '192.168.1.1', '2001:db8::1', '::1', '::ffff:10.0.0.1');

/** One value, several, none in an empty list, or null: what a field of a document can hold. */
function some<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | readonly T[] | null> {
  return fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 2, arbitrary: fc.array(value, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/** Documents of the hour, many of them at the same moments; every field may be missing, and `host` is written in either way. */
export const documents: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      id: fc.uuid(),
      '@timestamp': fc.integer({ min: -5, max: 125 }).map((step) => new Date(HOUR_START + step * 30_000).toISOString()),
      level: some(fc.constantFrom('info', 'warn', 'error', 'ERROR')),
      host: some(word),
      dotted: fc.boolean(),
      code: some(code),
      load: some(load),
      ok: some(fc.constantFrom<boolean | string>(true, false, 'true', 'false')),
      started: some(moment),
      address: some(address),
      message: some(sentence),
      bare: some(sentence),
      _doc_count: fc.integer({ min: 1, max: 20 }),
    },
    { requiredKeys: ['id', '@timestamp', 'dotted'] },
  )
  .map(({ host, dotted, ...rest }) => {
    if (host === undefined) return rest;
    return { ...rest, ...(dotted ? { 'host.name': host } : { host: { name: host } }) };
  }) as fc.Arbitrary<JsonObject>;
