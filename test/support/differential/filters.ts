import fc from 'fast-check';
import type { JsonObject } from '../../../src/core/json.ts';
import { kqlToDsl } from '../../../src/kql/kql.ts';
import { HOUR_START, LARGE, WORDS } from './corpus.ts';

const word = fc.constantFrom(...WORDS);
const words = fc.array(word, { minLength: 1, maxLength: 3 }).map((several) => several.join(' '));
const keyword = fc.constantFrom('level', 'host.name', 'message.keyword', 'lower', 'brief', 'bound', 'nick', 'closed.known');
const text = fc.constantFrom('message', 'bare', 'copied');
const strings = fc.oneof(keyword, text);
const anyField = fc.oneof(
  strings,
  fc.constantFrom(
    ...['code', 'load', 'ok', 'started', 'address', 'never', 'unmapped', 'host', 'big', 'half', 'small', 'filled'],
    ...['unindexed', 'flat', 'flat.k', 'day', 'seconds', 'nano', 'closed.unknown', 'closed'],
  ),
);
const number = fc.constantFrom<number | string>(200, '200', 404, 200.5, 0, -1, '1e2', 0.1, 1e10, '3.14', 499);
const moment = fc.constantFrom<number | string>(
  '2026',
  '2026-03',
  '2026-03-01',
  '2026-03-01T12',
  '2026-03-01T12:00',
  '2026-03-01T12:00:00',
  '2026-03-01T12:00:00.999Z',
  '2026-03-01T12:00:00+01:00',
  HOUR_START,
  String(HOUR_START),
);
const address = fc.constantFrom('10.0.0.1', '10.0.0.0/8', '2001:db8::/32', '::1', '0.0.0.0/0', '::ffff:10.0.0.1');
const pattern = fc.oneof(
  word.map(
    (one) =>
      `${[...one]
        .slice(0, 2)
        .join('')
        .replaceAll(/[*?\\]/g, '')}*`,
  ),
  word.map(
    (one) =>
      `*${[...one]
        .slice(-2)
        .join('')
        .replaceAll(/[*?\\]/g, '')}`,
  ),
  fc.constantFrom('*', '?*', 'w*-?', '*r*o*', '??', 'E*', '*京*', 'a.b*', '*\\**', '*😀'),
);

const large = fc.constantFrom(...LARGE);
const rough = fc.constantFrom<number | string>(0.1, '0.1', 0.3, 1, 2.5, -7.25, 100, 0.09997);
const second = fc.constantFrom<number | string>(HOUR_START / 1_000, String(HOUR_START / 1_000 + 3), HOUR_START / 1_000 + 7);
const day = fc.constantFrom('2026-03-01', '2026-03-05', '2026-03-09');
const nano = fc.constantFrom('2026-03-01T12:00:00.123456789Z', '2026-03-01T12:00:00.123Z', '2026-03-01T12:00:00Z', '2026-03-01');

const typed = fc.oneof(
  fc.tuple(fc.constant('big'), large),
  fc.tuple(fc.constantFrom('half', 'small'), rough),
  fc.tuple(fc.constantFrom('filled', 'unindexed'), number),
  fc.tuple(fc.constantFrom('flat', 'flat.k', 'flat.n.m', 'closed.unknown'), word),
  fc.tuple(fc.constant('day'), day),
  fc.tuple(fc.constant('seconds'), second),
  fc.tuple(fc.constant('nano'), nano),
  fc.tuple(fc.constantFrom('code', 'load', 'never'), number),
  fc.tuple(fc.constant('started'), moment),
  fc.tuple(fc.constant('address'), address),
  fc.tuple(fc.constant('ok'), fc.constantFrom<boolean | string>(true, false, 'true', 'false')),
  fc.tuple(strings, word),
  fc.tuple(fc.constant('unmapped'), word),
);

function bounds(value: fc.Arbitrary<number | string>): fc.Arbitrary<JsonObject> {
  return fc.record({ gt: value, lt: value, gte: value, lte: value }, { requiredKeys: [] }).map(({ gt, gte, lt, lte }) => ({
    ...(gt !== undefined ? { gt } : gte !== undefined ? { gte } : {}),
    ...(lt !== undefined ? { lt } : lte !== undefined ? { lte } : {}),
  }));
}

const range = fc.oneof(
  fc.tuple(fc.constant('big'), bounds(large)),
  fc.tuple(fc.constantFrom('half', 'small'), bounds(rough)),
  fc.tuple(fc.constant('day'), bounds(day)),
  fc.tuple(fc.constant('seconds'), bounds(second)),
  fc.tuple(fc.constant('nano'), bounds(nano)),
  fc.tuple(fc.constantFrom('code', 'load'), bounds(number)),
  fc.tuple(fc.constant('started'), bounds(moment)),
  fc.tuple(strings, bounds(word)),
  fc.tuple(fc.constant('address'), bounds(fc.constantFrom('10.0.0.1', '10.0.0.9', '2001:db8::1', '::'))),
);

const of = (kind: string, [field, body]: readonly [string, unknown]) => ({ [kind]: { [field]: body } }) as JsonObject;

/** Single queries without `bool` around them. */
export const leafFilters: fc.Arbitrary<JsonObject> = fc.oneof(
  typed.map((pair) => of('term', pair)),
  typed.map((pair) => of('match', pair)),
  typed.map(([field, value]) => of('terms', [field, [value]])),
  typed.map((pair) => of('match_phrase', pair)),
  fc.tuple(text, words).map((pair) => of('match', pair)),
  fc.tuple(text, words).map(([field, query]) => of('match', [field, { query, operator: 'and' }])),
  fc.tuple(text, words).map((pair) => of('match_phrase', pair)),
  fc.tuple(strings, word, fc.boolean()).map(([field, value, either]) => of('term', [field, { value, case_insensitive: either }])),
  range.map((pair) => of('range', pair)),
  anyField.map((field) => ({ exists: { field } })),
  fc.tuple(strings, word).map((pair) => of('prefix', pair)),
  fc
    .tuple(strings, pattern, fc.boolean())
    .map(([field, value, either]) => of('wildcard', [field, { value, case_insensitive: either }])),
  words.map((query) => ({ multi_match: { query, lenient: true } })),
  words.map((query) => ({ multi_match: { query, type: 'phrase', lenient: true } })),
  fc.tuple(words, fc.constantFrom(['host.*'], ['message', 'code'], ['m*'])).map(([query, fields]) => ({
    multi_match: { query, fields, lenient: true },
  })),
);

/** Query DSL of the kinds that rules may write themselves. */
const dslFilters: fc.Arbitrary<JsonObject> = fc.letrec<{ query: JsonObject; bool: JsonObject }>((tie) => {
  const some = fc.array(tie('query'), { maxLength: 3 });
  return {
    bool: fc
      .record(
        { must: some, filter: some, should: some, must_not: some, minimum_should_match: fc.integer({ min: -1, max: 2 }) },
        { requiredKeys: [] },
      )
      .map((bool) => ({ bool }) as JsonObject),
    query: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leafFilters, tie('bool')),
  };
}).query;

const quote = (one: string) => `"${one.replaceAll(/["\\]/g, '\\$&')}"`;
const escaped = (one: string) => one.replaceAll(/[\\():<>"*{}]/g, '\\$&').trim();

const kqlValue = fc.oneof(
  word.map(quote),
  words.map(quote),
  fc
    .oneof(word, words)
    .map(escaped)
    .filter((one) => one !== ''),
  fc.constantFrom('*', 'w*', '*eb*', 'Err*', '*or', 'ti*out', '2*', '*京', '*timed out*', 'a.b*'),
);
const kqlField = fc.oneof(anyField, fc.constantFrom('host.*', '*', 'mess*', 'l*'));

const kqlLeaf = fc.oneof(
  fc.tuple(kqlField, kqlValue).map(([field, value]) => `${field}: ${value}`),
  fc
    .tuple(kqlField, fc.array(kqlValue, { minLength: 1, maxLength: 3 }), fc.constantFrom(' or ', ' and '))
    .map(([field, values, join]) => `${field}: (${values.join(join)})`),
  fc
    .tuple(fc.constantFrom('code', 'load'), fc.constantFrom('<', '<=', '>', '>='), fc.constantFrom('200', '0.1', '499', '-1'))
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constant('started'), fc.constantFrom('<', '<=', '>', '>='), moment)
    .map(([field, sign, value]) => `${field} ${sign} ${quote(String(value))}`),
  fc.tuple(strings, fc.constantFrom('<', '>='), word.map(quote)).map((parts) => parts.join(' ')),
  kqlValue,
);

/** Texts of KQL, most of which compile. */
const kqlTexts: fc.Arbitrary<string> = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    { weight: 4, arbitrary: kqlLeaf },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie('expression'), fc.constantFrom('and', 'or'), tie('expression'))
        .map(([a, join, b]) => `(${a}) ${join} (${b})`),
    },
    { weight: 1, arbitrary: tie('expression').map((one) => `not (${one})`) },
  ),
})).expression;

/** Filters as rules have them: compiled from KQL, or written as Query DSL. */
export const filters: fc.Arbitrary<JsonObject> = fc.oneof(
  kqlTexts
    .map((text) => kqlToDsl(text))
    .filter((compiled) => compiled.ok)
    .map((compiled) => (compiled.ok ? compiled.dsl : {})),
  dslFilters,
);
