import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuTime } from '../../../src/core/time.ts';
import type { KqlDsl } from '../../../src/kql/dsl.ts';
import { kqlToDsl } from '../../../src/kql/kql.ts';
import { runs } from '../../support/thorough.ts';

function dsl(text: string): unknown {
  const result = kqlToDsl(text);
  return result.ok ? result.dsl : result;
}

const a: KqlDsl = { match: { a: '1' } };
const b: KqlDsl = { match: { b: '2' } };
const c: KqlDsl = { match: { c: '3' } };
const anyOf = (...should: KqlDsl[]): KqlDsl => ({ bool: { should, minimum_should_match: 1 } });

describe('KQL becomes Query DSL', () => {
  test.each<[string, string, KqlDsl]>([
    ['blank text matches everything', '  ', { match_all: {} }],
    ['a star matches everything', '*', { match_all: {} }],
    ['any value of any field matches everything', '*:*', { match_all: {} }],
    ['words match one field', 'a:b c', { match: { a: 'b c' } }],
    ['numbers stay text', 'a:500', { match: { a: '500' } }],
    ['a phrase matches one field', 'a:"b c"', { match_phrase: { a: 'b c' } }],
    ['words match the default fields', 'b c', { multi_match: { query: 'b c', type: 'best_fields', lenient: true } }],
    ['a phrase matches the default fields', '"b c"', { multi_match: { query: 'b c', type: 'phrase', lenient: true } }],
    [
      'words match a pattern of fields',
      'a.*:b',
      { multi_match: { query: 'b', type: 'best_fields', lenient: true, fields: ['a.*'] } },
    ],
    [
      'a phrase matches a pattern of fields',
      '*:"b"',
      { multi_match: { query: 'b', type: 'phrase', lenient: true, fields: ['*'] } },
    ],
    ['a field exists', 'a:*', { exists: { field: 'a' } }],
    ['a field of a pattern exists', 'a.*:*', { exists: { field: 'a.*' } }],
    ['a wildcard in a value', 'a:b*c', { query_string: { query: 'b*c', fields: ['a'] } }],
    ['a wildcard in a pattern of fields', 'a.*:b*', { query_string: { query: 'b*', fields: ['a.*'], lenient: true } }],
    ['a wildcard in the default fields', 'b*', { query_string: { query: 'b*' } }],
    [
      'only the star is special in a wildcard term',
      'a:*\\*?/[x]~-\\:+é',
      { query_string: { query: '*\\*\\?\\/\\[x\\]\\~\\-\\:\\+é', fields: ['a'] } },
    ],
    ['an escaped space stays in the term', 'a:b\\ c*', { query_string: { query: 'b\\ c*', fields: ['a'] } }],
    ['greater', 'a > 5', { range: { a: { gt: '5' } } }],
    ['greater or equal', 'a >= 5', { range: { a: { gte: '5' } } }],
    ['less, date math', 'a < now-1d/d', { range: { a: { lt: 'now-1d/d' } } }],
    ['less or equal', 'a <= "5"', { range: { a: { lte: '5' } } }],
    ['and filters', 'a:1 and b:2', { bool: { filter: [a, b] } }],
    ['or needs one', 'a:1 or b:2', anyOf(a, b)],
    ['not excludes', 'not a:1', { bool: { must_not: [a] } }],
    ['not not is nothing', 'not not a:1', a],
    ['and before or', 'a:1 or b:2 and c:3', anyOf(a, { bool: { filter: [b, c] } })],
    ['equal operators are one list', 'a:1 and (b:2 and c:3)', { bool: { filter: [a, b, c] } }],
    ['different operators nest', 'a:1 and (b:2 or c:3)', { bool: { filter: [a, anyOf(b, c)] } }],
    ['a group of values repeats the field', 'a:(1 or not "2")', anyOf(a, { bool: { must_not: [{ match_phrase: { a: '2' } }] } })],
  ])('%s', (_name, text, expected) => expect(dsl(text)).toEqual(expected));

  test('several words with a wildcard ask for the whole keyword, and for each word of a text', () => {
    const separate = anyOf(
      { query_string: { query: '*timed', fields: ['m'] } },
      { match: { m: 'out of' } },
      { query_string: { query: 'me*', fields: ['m'] } },
    );
    expect(dsl('m:*timed out of me*')).toEqual(
      anyOf(
        { query_string: { query: '*timed\\ out\\ of\\ me*', fields: ['m'] } },
        { bool: { filter: [separate], must_not: [{ query_string: { query: '*\\ *', fields: ['m'] } }] } },
      ),
    );
  });

  test('several words with a wildcard and no field ask for each word', () => {
    expect(dsl('a* b *')).toEqual(
      anyOf(
        { query_string: { query: 'a*' } },
        { multi_match: { query: 'b', type: 'best_fields', lenient: true } },
        { match_all: {} },
      ),
    );
  });

  test('a field that is named like a part of objects is a field', () => {
    expect(JSON.stringify(dsl('__proto__:1 and constructor > 2'))).toBe(
      '{"bool":{"filter":[{"match":{"__proto__":"1"}},{"range":{"constructor":{"gt":"2"}}}]}}',
    );
  });
});

describe('fields', () => {
  test.each([
    ['each once, in order', 'b:1 and (a > 2 or not b:3 or c.*:*)', ['b', 'a', 'c.*']],
    ['none where none is named', 'error and "timed out" or *', []],
    ['those of a group', 'a:(1 or 2)', ['a']],
  ])('%s', (_name, text, fields) => expect(kqlToDsl(text)).toMatchObject({ ok: true, fields }));
});

describe('what Elasticsearch would refuse', () => {
  const nested = (levels: number) => `${'x and (y or '.repeat(levels / 2)}a:1${')'.repeat(levels / 2)}`;

  test('is refused at the condition that lies too deep', () => {
    const text = nested(26);
    expect(kqlToDsl(nested(24))).toMatchObject({ ok: true });
    expect(kqlToDsl(text)).toMatchObject({
      ok: false,
      offset: text.lastIndexOf('y'),
      message: 'this condition lies inside 26 levels of and, or, not; 24 is the most',
    });
  });

  test('does not count redundant parentheses, pairs of not and chains', () => {
    expect(
      kqlToDsl(`${'('.repeat(100)}${'not '.repeat(40)}a:1${')'.repeat(100)} and b:2 and (c:3 and (d:4 and e:5))`),
    ).toMatchObject({ ok: true });
  });

  test('the error of a text is that of the parser', () => {
    expect(kqlToDsl('a:1 and')).toMatchObject({
      ok: false,
      offset: 7,
      message: 'expected a condition after and, found the end of the text',
    });
  });
});

describe('any text', () => {
  const fragments = ['a', 'b*', ':', '(', ')', '"', '*', '\\', ' ', ' and ', ' or ', 'not ', '>', '5'];

  test('is compiled or refused, and never throws', () => {
    const texts = fc.array(fc.constantFrom(...fragments), { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const result = kqlToDsl(text);
        expect(result.ok ? Object.keys(result.dsl) : result.message).not.toHaveLength(0);
      }),
      { numRuns: runs(3_000) },
    );
  });

  test.each(['a or ', 'a and ', 'a or b and ', 'a* ', 'a* b ', 'a ', 'a:1 or '])(
    'of the greatest length, %j repeated, takes no second',
    (unit) => {
      const text = `${unit.repeat(Math.floor(99_000 / unit.length))}a`;
      const began = cpuTime();
      expect(kqlToDsl(text)).toMatchObject({ ok: true });
      expect(cpuTime() - began).toBeLessThan(1_000);
    },
  );
});
