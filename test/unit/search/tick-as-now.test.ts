import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { kqlToDsl } from '../../../src/kql/kql.ts';
import type { Query } from '../../../src/search/query.ts';
import { atTick } from '../../../src/search/tick-as-now.ts';

const AT = Date.parse('2026-01-01T10:11:12.345Z');
const ISO = '2026-01-01T10:11:12.345Z';
const FORMAT = 'strict_date_optional_time||epoch_millis';
const asked = {
  name: 'main',
  source: { indices: ['i'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 1_000, frozen: false },
  window: { from: 0, to: 1 },
};
const groups = (filter: JsonObject): Query => ({
  ...asked,
  filter,
  kind: 'groups',
  groupBy: [],
  missing: 'exclude',
  metrics: { m: { of: 'count', where: filter } },
  maxGroups: 1,
});

/** What is sent in the place of a filter. */
function sent(filter: JsonObject): unknown {
  const query = atTick(groups(filter), AT);
  if (query.kind === 'groups') expect(query.metrics['m']?.where).toEqual(query.filter);
  return query.filter;
}

function kql(text: string): JsonObject {
  const compiled = kqlToDsl(text);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.dsl as JsonObject;
}

describe('`now` is the tick', () => {
  test.each<[string, JsonObject, unknown]>([
    ['a bound', { range: { end: { lt: 'now+30d' } } }, { range: { end: { lt: `${ISO}||+30d`, format: FORMAT } } }],
    ['now itself', { range: { end: { lte: 'now' } } }, { range: { end: { lte: ISO, format: FORMAT } } }],
    [
      'rounding in a time zone',
      { range: { end: { gte: 'now-1d/d', lt: 'now/d', time_zone: 'Europe/Berlin' } } },
      { range: { end: { gte: `${ISO}||-1d/d`, lt: `${ISO}||/d`, time_zone: 'Europe/Berlin', format: FORMAT } } },
    ],
    ['in KQL', kql('end < now+30d'), { range: { end: { lt: `${ISO}||+30d`, format: FORMAT } } }],
    ['in KQL, in quotes', kql('end >= "now-2h/h"'), { range: { end: { gte: `${ISO}||-2h/h`, format: FORMAT } } }],
    ['in KQL, a whole day', kql('end: "now/d"'), { range: { end: { gte: `${ISO}||/d`, lte: `${ISO}||/d`, format: FORMAT } } }],
    [
      'beside a usual date',
      { range: { end: { gte: '2025-01-01', lt: 'now' } } },
      { range: { end: { gte: '2025-01-01', lt: ISO, format: FORMAT } } },
    ],
    [
      "beside a date in the field's own format",
      { range: { end: { gte: '01/Jan/2025', lt: 'now' } } },
      { bool: { filter: [{ range: { end: { gte: '01/Jan/2025' } } }, { range: { end: { lt: ISO, format: FORMAT } } }] } },
    ],
    [
      "beside digits, which the field's own format may read otherwise",
      { range: { end: { gte: '20250101', lt: 'now' } } },
      { bool: { filter: [{ range: { end: { gte: '20250101' } } }, { range: { end: { lt: ISO, format: FORMAT } } }] } },
    ],
    [
      'in a list of values',
      { terms: { end: ['2025-01-01', 'now/d'] } },
      {
        bool: {
          should: [
            { terms: { end: ['2025-01-01'] } },
            { range: { end: { gte: `${ISO}||/d`, lte: `${ISO}||/d`, format: FORMAT } } },
          ],
          minimum_should_match: 1,
        },
      },
    ],
    [
      'beside a format of its own',
      { range: { end: { gte: '2025', lt: 'now', format: 'yyyy', boost: 2 } } },
      {
        bool: {
          filter: [
            { range: { end: { gte: '2025', format: 'yyyy', boost: 2 } } },
            { range: { end: { lt: ISO, boost: 2, format: FORMAT } } },
          ],
        },
      },
    ],
    [
      'deep in a query',
      { bool: { must_not: [{ nested: { path: 'a', query: { range: { 'a.end': { gt: 'now' } } } } }] } },
      { bool: { must_not: [{ nested: { path: 'a', query: { range: { 'a.end': { gt: ISO, format: FORMAT } } } } }] } },
    ],
  ])('%s', (_name, filter, expected) => {
    expect(sent(filter)).toEqual(expected);
  });

  test.each<[string, string]>([
    ['end:[now-2h TO now]', `end:["${ISO}||-2h" TO "${ISO}"]`],
    ['end:{now-2h/h TO *}', `end:{"${ISO}||-2h/h" TO *}`],
    ['end:["now-2h" TO "2026-01-02"]', `end:["${ISO}||-2h" TO "2026-01-02"]`],
    ['end:>=now-2h AND x:y', `end:["${ISO}||-2h" TO *] AND x:y`],
    ['(end:<now+30d)', `(end:[* TO "${ISO}||+30d"})`],
    [String.raw`end:>now\/d`, `end:{"${ISO}||/d" TO *]`],
    ['end:(>=now-2h AND <=now)', `end:(["${ISO}||-2h" TO *] AND [* TO "${ISO}"])`],
    ['-end:<now^2', `-end:[* TO "${ISO}"}^2`],
    ['end:"now/d"', `end:["${ISO}||/d" TO "${ISO}||/d"]`],
    [String.raw`end:(now-1d\/d OR now\/d)`, `end:(["${ISO}||-1d/d" TO "${ISO}||-1d/d"] OR ["${ISO}||/d" TO "${ISO}||/d"])`],
    ['from:"now-15m" OR from:now-15m', 'from:"now-15m" OR from:now-15m'],
    ['message:"from now/d on"', 'message:"from now/d on"'],
    ['message:now OR message:"[now TO now]" OR message:nowhere', 'message:now OR message:"[now TO now]" OR message:nowhere'],
    ['name:[nowhere TO z]', 'name:[nowhere TO z]'],
    [String.raw`a:\"x end:[now TO *]`, `a:\\"x end:["${ISO}" TO *]`],
  ])('in Lucene: %s', (query, expected) => {
    const reads = { bool: { should: [{ match_all: {} }, { range: { end: { gte: ISO } } }] } };
    const asked = { query_string: { query: expected, analyze_wildcard: true } };
    const whole = query === expected ? asked : { bool: { filter: [asked, reads] } };
    expect(sent({ query_string: { query, analyze_wildcard: true } })).toEqual(whole);
  });

  test.each<[string, string]>([
    ['| WHERE end < NOW() + 30 days', `| WHERE end < TO_DATETIME("${ISO}") + 30 days`],
    ['| EVAL a = now ( )', `| EVAL a = TO_DATETIME("${ISO}")`],
    ['| WHERE m == "NOW()" // NOW()', '| WHERE m == "NOW()" // NOW()'],
    ['| EVAL `NOW()` = 1, b = """NOW()"""', '| EVAL `NOW()` = 1, b = """NOW()"""'],
    ['| EVAL knownow() = 1', '| EVAL knownow() = 1'],
  ])('in ES|QL: %s', (text, expected) => {
    const query = atTick({ ...asked, kind: 'esql', filter: { match_all: {} }, text, maxRows: 1 }, AT);
    expect(query).toMatchObject({ text: expected });
  });

  test.each<[string, JsonObject]>([
    ['a word', { match: { message: 'now' } }],
    ['a phrase', { match_phrase: { message: 'now or never' } }],
    ['a keyword', { term: { state: { value: 'now' } } }],
    ['a text that a keyword may hold', { term: { from: { value: 'now-15m' } } }],
    ['a list of such texts', { terms: { from: ['now-15m', 'now'] } }],
    ['a word that begins so', { range: { name: { gte: 'nowhere' } } }],
    ['a number', { range: { code: { gte: 500 } } }],
    ['a field of that name', { term: { range: 'now' } }],
    ['a script', { script: { script: { source: 'x', params: { range: { end: { gt: 'now' } } } } } }],
  ])('leaves %s as it is, the same object', (_name, filter) => {
    expect(sent(filter)).toBe(filter);
  });
});
