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
    big: { type: 'long' },
    half: { type: 'half_float' },
    small: { type: 'float' },
    filled: { type: 'long', null_value: 7 },
    lower: { type: 'keyword', normalizer: 'lowercase' },
    brief: { type: 'keyword', ignore_above: 5, copy_to: 'copied' },
    copied: { type: 'text' },
    bound: { type: 'keyword', doc_values: false },
    unindexed: { type: 'long', index: false },
    nick: { type: 'alias', path: 'level' },
    flat: { type: 'flattened' },
    day: { type: 'date', format: 'yyyy-MM-dd' },
    seconds: { type: 'date', format: 'epoch_second' },
    nano: { type: 'date_nanos' },
    closed: { dynamic: false, properties: { known: { type: 'keyword' } } },
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
  'İŞLEM',
  'işlem',
  'ΛΑΘΟΣ',
  'λαθος',
  'ΑΣ ΣΑ',
  'ǅ',
  'Ⅷ',
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
/** Around the largest number that JavaScript holds exactly, and the ends of 64 bits. */
export const LARGE: readonly string[] = [
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '1703462528114626561',
  '1703462528114626562',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '5',
];
const large = fc.constantFrom(...LARGE);
const rough = fc.constantFrom<number | string>(0.1, 0.3, 1, 2.5, -7.25, '0.1', 100, 1_000.4);
const dayOf = fc.integer({ min: 1, max: 9 }).map((day) => `2026-03-0${day}`);
const secondsOf = fc.oneof(
  fc.integer({ min: 0, max: 9 }).map((step) => HOUR_START / 1_000 + step),
  fc.integer({ min: 0, max: 9 }).map((step) => String(HOUR_START / 1_000 + step)),
);
const nanoOf = fc.constantFrom(
  '2026-03-01T12:00:00.123456789Z',
  '2026-03-01T12:00:00.123956Z',
  '2026-03-01T12:00:00.123Z',
  '2026-03-01T12:00:00Z',
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
      big: some(large),
      half: some(rough),
      small: some(rough),
      filled: some(fc.constantFrom<number | string | null>(1, 7, null, '3')),
      lower: some(word),
      brief: some(word),
      bound: some(word),
      unindexed: some(code),
      flat: fc.record({ k: some(word), n: fc.record({ m: some(word) }) }, { requiredKeys: [] }),
      day: some(dayOf),
      seconds: some(secondsOf),
      nano: some(nanoOf),
      closed: fc.record({ known: word, unknown: word }, { requiredKeys: [] }),
      _doc_count: fc.integer({ min: 1, max: 20 }),
    },
    { requiredKeys: ['id', '@timestamp', 'dotted'] },
  )
  .map(({ host, dotted, ...rest }) => {
    if (host === undefined) return rest;
    return { ...rest, ...(dotted ? { 'host.name': host } : { host: { name: host } }) };
  }) as fc.Arbitrary<JsonObject>;
