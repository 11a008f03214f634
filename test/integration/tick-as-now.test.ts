import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasEsql } from '../support/elasticsearch/has-esql.ts';
import { elasticsearchUrl } from '../support/elasticsearch/urls.ts';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

// The tick is 2026-01-01T10:31:00Z.
const MAPPING =
  '{ properties: { "@timestamp": { type: date }, end: { type: date }, odd: { type: date, format: dd/MM/yyyy }, ' +
  'compact: { type: date, format: yyyyMMdd }, span: { type: keyword } } }';
const document = 'end: "2026-01-15T12:00:00Z", odd: "15/01/2026", compact: "20260115", span: now-15m';
const tests = (alerts: string) =>
  `index: w\ntests:\n  - name: t\n    start: 2026-01-01T10:30:00Z\n    mapping: ${MAPPING}\n    documents:\n` +
  `      - { at: 0s, repeat: 6, every: 5s, document: { ${document} } }\n    checks:\n      - { at: 1m, exactly: true, alerts: ${alerts} }\n`;
const FIRES = '[{ values: { count: 6 } }]';
const rule = (query: string) =>
  `name: r\nindex: w\ndelay: 0s\nwindow: 1m\ntype: frequency\ncondition: count >= 1\nquery: ${query}\n`;

describe('`now` in a query is the tick', () => {
  test.each<[string, string]>([
    ['end < now+14d', 'none'],
    ['end < now+15d', FIRES],
    ['end >= now+14d', FIRES],
    ['end >= "now+14d/d" and end <= "now+14d/d"', FIRES],
    ['end <= "now/M" and end >= "now/M"', FIRES],
    ['end > "now/w+1w"', FIRES],
    ['end > "now/w+3w"', 'none'],
    ['\'end: "now+14d/d"\'', FIRES],
    ['end > now+1M', 'none'],
    ['odd < now+14d', FIRES],
    ['odd < now+13d', 'none'],
    ['{ dsl: { range: { end: { gte: now+14d, lt: "now+15d/d" } } } }', FIRES],
    ['{ dsl: { range: { end: { gte: "2026-01-15", lt: "now+15d/d" } } } }', FIRES],
  ])('in memory and on Elasticsearch: %s is %s', async (query, alerts) => {
    expect(await both.failures(rule(query), tests(alerts))).toEqual({ memory: [], cluster: [] });
  });

  test.each<[string, string]>([
    ["{ lucene: 'end:[now+14d TO now+15d]' }", FIRES],
    ["{ lucene: 'end:<now+14d' }", 'none'],
    ["{ lucene: 'end:<now+15d' }", FIRES],
    ["{ lucene: 'end:>now+14d AND NOT end:>=now+15d' }", FIRES],
    ["{ lucene: 'end:>now+15d' }", 'none'],
    ['{ lucene: \'end:>="now+14d/d"\' }', FIRES],
    ['{ lucene: \'end:>="now+15d/d"\' }', 'none'],
    ["{ lucene: 'end:(>=now+14d AND <now+15d)' }", FIRES],
    ["{ lucene: 'end:(>=now+15d AND <now+16d)' }", 'none'],
    ['{ lucene: \'end:"now+14d/d"\' }', FIRES],
    ['{ lucene: \'end:("now+13d/d" OR "now+15d/d")\' }', 'none'],
    ['{ dsl: { terms: { end: [now+14d/d, now+20d/d] } } }', FIRES],
    ['{ dsl: { terms: { end: [now+13d/d, now+15d/d] } } }', 'none'],
    ['{ dsl: { range: { compact: { gte: "20260115", lt: now+15d } } } }', FIRES],
    ['{ dsl: { term: { span: now-15m } } }', FIRES],
    ['{ dsl: { range: { odd: { gte: "15/01/2026", lt: now+15d } } } }', FIRES],
    ['{ dsl: { range: { end: { gte: "now+14d/d", lt: "now+15d/d", time_zone: Pacific/Auckland } } } }', 'none'],
    ['{ dsl: { range: { end: { gte: "now+15d/d", lt: "now+16d/d", time_zone: Pacific/Auckland } } } }', FIRES],
  ])('on Elasticsearch: %s is %s', async (query, alerts) => {
    expect((await both.failures(rule(query), tests(alerts))).cluster).toEqual([]);
  });

  test('a Lucene text over dates of another format fails, and does not match nothing', async () => {
    const { cluster } = await both.failures(rule("{ lucene: 'odd:<now+14d' }"), tests('none'));
    expect(cluster.join('\n')).toContain('failed to parse date field [2026-01-01T10:31:00.000Z] with format [dd/MM/yyyy]');
  });

  test('ES|QL', async () => {
    if (!(await hasEsql(elasticsearchUrl()))) return;
    const keys =
      'type: esql\nvariables: { n: number }\nesql: "| WHERE end < NOW() + 15 days AND end > NOW() + 14 days | STATS n = COUNT(*)"\ncondition: n == 6';
    const own = `name: r\nindex: w\ndelay: 0s\nwindow: 1m\n${keys}\n`;
    expect((await both.failures(own, tests('[{ values: { n: 6 } }]'))).cluster).toEqual([]);
  });
});
