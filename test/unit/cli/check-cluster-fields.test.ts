import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { check, HOUR, log, steady } from '../../support/cli/cluster-check.ts';

describe('fields that no index has', () => {
  const documents = steady(0).map((one) => ({
    ...one,
    source: { ...one.source, 'event.outcome': 'ok', 'log.level': 'info', took: 1 },
  }));
  const load = (text: string) => {
    const { rules, problems } = compileRules([{ file: 'rules.yaml', text }], {});
    expect(problems).toEqual([]);
    return rules;
  };
  const rule = (more: string) => `name: a\ntype: frequency\nindex: logs-*\ndelay: 1m\ncondition: count >= 1\n${more}`;

  it.each<[string, string, readonly string[]]>([
    [
      'each side of an `or`',
      rule('query: took > 0 or event.outcom:failure'),
      [
        'rules.yaml:6:20 query: warning: no index of logs-* has the field event.outcom, so this part of the query matches no document (did you mean event.outcome?)',
      ],
    ],
    [
      'a pattern of names, of which one is found',
      rule('query: servce.*:x or event.*:ok'),
      [
        'rules.yaml:6:8 query: warning: no index of logs-* has the field servce.*, so this part of the query matches no document (did you mean service.*?)',
      ],
    ],
    [
      'under a `not`',
      rule('query: not (srvice.name:bot)'),
      [
        'rules.yaml:6:13 query: warning: no index of logs-* has the field srvice.name, so this `not` excludes nothing (did you mean service.name?)',
      ],
    ],
    [
      'a query that matches nothing',
      rule('query: level:ERROR'),
      [
        expect.stringContaining('none of 120 documents of the last day matches'),
        'rules.yaml:6:8 query: warning: no index of logs-* has the field level, so this part of the query matches no document (did you mean log.level?)',
      ],
    ],
    [
      'a query in Lucene',
      rule("query: { lucene: 'took:>0 OR -evnt.outcome:(a OR b) OR _exists_:loglevel' }"),
      [
        expect.stringContaining('the embedded backend does not support the Lucene expression'),
        expect.stringMatching(/^rules.yaml:6:31 query.lucene: .* field evnt\.outcome,.*did you mean event\.outcome/),
        expect.stringMatching(/^rules.yaml:6:65 query.lucene: .* field loglevel,.*did you mean log\.level/),
      ],
    ],
    [
      'a query in the DSL',
      rule('query: { dsl: { bool: { should: [ { exists: { field: took } }, { term: { tok: 1 } } ] } } }'),
      [expect.stringMatching(/^rules.yaml:6:74 query.dsl: .* field tok,.*did you mean took/)],
    ],
    [
      'groups',
      rule('group_by: [service.name, service.nam]'),
      [expect.stringMatching(/^rules.yaml:6:26 group_by\[1\]: .* so there is no group/)],
    ],
    [
      'what is shown',
      rule('evidence:\n  fields: [took, tooks]\n  top: [service.nmae]'),
      [
        expect.stringMatching(/^rules.yaml:7:18 evidence.fields\[1\]: .* field tooks, so messages never show it .*took/),
        expect.stringMatching(/^rules.yaml:8:9 evidence.top\[0\]: .* field service\.nmae,/),
      ],
    ],
    [
      'the query of samples',
      rule('evidence:\n  query: tooks > 5'),
      [expect.stringMatching(/^rules.yaml:7:10 evidence.query: .* field tooks, so messages show no documents .*took/)],
    ],
    [
      'what a text names',
      rule(
        "message:\n  title: 'a {{ evidence.documents[0].fields[\"tok\"] }}'\n  text: '{% for d in evidence.documents %}{{ d.fields.message }}{% endfor %}'",
      ),
      [
        expect.stringMatching(/^rules.yaml:7:16 message.title: .* field tok, so the text never has it .*took/),
        expect.stringMatching(/^rules.yaml:8:46 message.text: .* field message,/),
      ],
    ],
    [
      'the filters of metrics, what they measure, and what tells counters apart',
      [
        'name: a\ntype: threshold\nindex: logs-*\ndelay: 1m\nmetrics:\n',
        '  errors: { count: "event.outcom:failure or levl:ERROR" }\n',
        '  slow: { max: tok, where: "not servce.name:x" }\n',
        '  more: { increase: took, by: [pod] }\n',
        'condition: errors > 1 || slow > 1 || more > 1\n',
      ].join(''),
      [
        expect.stringMatching(/^rules.yaml:6:21 metrics.errors.count: .* field event.outcom, so this filter matches no document/),
        expect.stringMatching(/^rules.yaml:6:45 metrics.errors.count: .* field levl,/),
        expect.stringMatching(/^rules.yaml:7:16 metrics.slow.max: .* field tok, so there is nothing to measure/),
        expect.stringMatching(/^rules.yaml:7:33 metrics.slow.where: .* field servce.name, so this `not` excludes nothing/),
        expect.stringMatching(/^rules.yaml:8:32 metrics.more.by\[0\]: .* field pod, so it distinguishes no counters/),
      ],
    ],
    [
      'what a type watches',
      'name: a\ntype: change\nindex: logs-*\ndelay: 1m\ngroup_by: [service.name]\nfield: log.levl\n',
      [expect.stringMatching(/^rules.yaml:6:8 field: .* field log.levl, so there is nothing to watch .*log.level/)],
    ],
  ])('are named with their place and the nearest that is there: %s', async (_name, text, expected) => {
    const found = (await check(load(text), documents)).map((line) => line.replace(/ \[cluster\/[\w-]+\]$/, ''));
    expect(found.sort()).toEqual(expected);
  });

  // An expression with so many stars would not end in this life.
  it('are found by patterns with many stars as quickly as by others', async () => {
    const near = documents.map((one) => ({ ...one, source: { ...one.source, ['a'.repeat(500)]: 'x' } }));
    const pattern = `${'a*'.repeat(60)}b`;
    expect(await check(load(rule(`query: '${pattern}:x or event.outcome:ok'`)), near)).toEqual([
      expect.stringContaining(`no index of logs-* has the field ${pattern}, so this part of the query matches no document`),
    ]);
  });

  const types = { status: 'keyword', code: 'long', agent: 'nested', 'agent.size': 'long', version: 'wildcard', day: 'keyword' };
  const typed = documents.map((one) => ({
    ...one,
    source: { ...one.source, status: '500', code: 500, version: '1', day: '2026-01-01' },
  }));

  it.each<[string, string, readonly RegExp[]]>([
    [
      'in KQL, each of them',
      'query: status > 499 or code > 499 or version >= "2.1"',
      [/6:8 query: .*status is a keyword/, /6:38 query: .*version is a wildcard/],
    ],
    [
      'in Lucene',
      'query: { lucene: "status:[500 TO *] OR status:>=500" }',
      [/6:19 query.lucene: .*status is a keyword/, /6:40 query.lucene/],
    ],
    ['in the DSL', 'query: { dsl: { range: { status: { gte: 500 } } } }', [/6:26 query.dsl: .*status is a keyword/]],
    ['but not of dates and words, which are texts', 'query: day >= "2026-01-01" or status > m', []],
  ])('that are texts are warned about where a range compares them: %s', async (_name, query, expected) => {
    const found = await check(load(rule(query)), typed, undefined, types);
    expect(found.filter((line) => line.endsWith('[cluster/text-range]'))).toEqual(
      expected.map((one) => expect.stringMatching(one)),
    );
  });

  it.each([
    [
      'avg',
      'host',
      /^test.yaml:\d+:\d+ metrics.m.avg: avg needs a number; host is a keyword in logs-\* \(.*\) \[cluster\/metric-type\]/,
    ],
    ['p95', 'host', /metrics.m.p95: p95 needs a number/],
    ['increase', 'host', /metrics.m.increase: increase needs a number/],
    [
      'cardinality',
      'body',
      /metrics.m.cardinality: cardinality needs a field other than a text; body is a text .*\(map body as a keyword, or with a keyword beneath it\)/,
    ],
    ['cardinality', 'note', /note is a text .*\(name note.keyword instead: it has the whole values of the text note\)/],
  ])('that %s cannot measure are an error at the metric, and the only one', async (measure, field, expected) => {
    const text = `name: a\ntype: threshold\nindex: logs-*\ndelay: 1m\nmetrics: { m: { ${measure}: ${field} } }\ncondition: m > 1\n`;
    const types = { host: 'keyword', body: 'text', took: 'long', note: 'text', 'note.keyword': 'keyword' };
    const refused = (search: Search): Search => ({
      ask: async (queries, signal) => {
        const answers = await search.ask(queries, signal);
        const message = `Field [${field}] of type [x] is not supported for aggregation [${measure}]`;
        return answers.map((answer, i) =>
          queries[i]?.name === 'window'
            ? { kind: 'failed', problem: searchProblem('bad_mapping', message), cost: NO_COST }
            : answer,
        );
      },
    });
    const documents = [...steady(0), log(HOUR, 0, { host: 'a', body: 'b', note: 'c' })];
    expect(await check(compileRules([{ file: 'test.yaml', text }]).rules, documents, refused, types)).toEqual([
      expect.stringMatching(expected),
    ]);
  });

  it.each(['cardinality: host', 'last: host', 'value_count: host', 'max: took'])(
    'that %s can measure are good',
    async (metric) => {
      const text = `name: a\ntype: threshold\nindex: logs-*\ndelay: 1m\nmetrics: { m: { ${metric} }, n: { count: "*" } }\ncondition: n > 1\n`;
      const documents = [...steady(0), log(HOUR, 0, { host: 'a', took: 3 })];
      expect(
        await check(compileRules([{ file: 'test.yaml', text }]).rules, documents, undefined, { host: 'keyword', took: 'long' }),
      ).toEqual([]);
    },
  );

  it('that lie in nested objects are warned about where only a nested query would see them', async () => {
    const inKql = await check(load(rule('query: agent.size > 5 or code:1')), typed, undefined, types);
    expect(inKql.filter((line) => line.includes('nested'))).toEqual([
      expect.stringMatching(
        /6:8 query: .*agent.size is inside the nested objects agent .*dsl: \{ nested: \{ path: agent.*\[cluster\/nested-field\]$/,
      ),
    ]);
    const nested = '{ nested: { path: agent, query: { range: { agent.size: { gt: 5 } } } } }';
    expect(
      (await check(load(rule(`query: { dsl: ${nested} }`)), typed, undefined, types)).filter((line) => line.includes('lies in')),
    ).toEqual([]);
  });

  it('are found at their keys, and so is an index that is not there', async () => {
    expect(
      (await check(load(rule('max_groups: 5\ngroup_by: [service.name]').replace('logs-*', 'gone-*')), steady(0)))[0],
    ).toMatch(/^rules.yaml:3:1 index: no index matches gone-\*/);
  });

  it('are none where the source is not there', async () => {
    const found = await check(load(rule('query: foo:1')), []);
    expect(found).toEqual([expect.stringContaining('logs-* has no documents from the last day')]);
  });
});
