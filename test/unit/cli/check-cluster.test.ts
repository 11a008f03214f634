import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import { checkCluster } from '../../../src/cli/check/check-cluster.ts';
import type { Mappings } from '../../../src/cli/check/field-problems.ts';
import { formatProblem } from '../../../src/core/problems.ts';
import { iso } from '../../../src/core/time.ts';
import { compileRules, loadRules } from '../../../src/rules/load-rules.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Query } from '../../../src/search/query.ts';
import { distinctQuestions, type Search } from '../../../src/search/search.ts';
import { type SearchProblemCode, searchProblem } from '../../../src/search/search-problem.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';

const SECOND = 1_000;
const HOUR = 60 * MINUTE;

/** A document of `age` ms ago that took `lag` ms to arrive; `lag` undefined: nobody knows. */
const log = (age: number, lag: number | undefined, fields: object = {}, index = 'logs-app') => ({
  index,
  source: {
    '@timestamp': iso(NOON - age),
    'service.name': 'shop',
    ...(lag !== undefined && { 'event.ingested': iso(NOON - age + lag) }),
    ...fields,
  },
});
type Log = ReturnType<typeof log>;

/** Documents of the last two hours, one a minute, each `lag` ms late. */
const steady = (lag: number | undefined): readonly Log[] =>
  Array.from({ length: 120 }, (_, minute) => log((minute + 10) * MINUTE, lag));

/** Mappings that know the fields which documents have. */
function mappingsOf(documents: readonly Log[], types: Readonly<Record<string, string>> = { took: 'long' }): Mappings {
  const typesOf = (name: string) => [
    ...(Object.hasOwn(types, name) ? [String(types[name])] : names.includes(name) ? ['keyword'] : []),
  ];
  const names = [...new Set(documents.flatMap(({ source }) => Object.keys(source)))];
  return {
    fields: async (_source, asked) => ({
      ok: true,
      value: new Map(asked.map((name) => [name, { types: typesOf(name), aggregatable: true }])),
    }),
    fieldNames: async () => ({ ok: true, value: names }),
  };
}

async function check(
  rules: readonly Rule[],
  documents: readonly Log[],
  wrap = (search: Search) => search,
  types: Readonly<Record<string, string>> = { took: 'long' },
) {
  const store = createDocuments();
  store.add(documents);
  const checked = { search: wrap(embeddedSearch(store)), mappings: mappingsOf(documents, types) };
  const problems = await checkCluster(rules, checked, NOON, new AbortController().signal);
  return problems.map(
    (problem) => `${formatProblem(problem).replace('test.yaml:1:1', problem.at?.file ?? '')} [${problem.code}]`,
  );
}

const at = (file: string) => ({ position: { file, line: 1, column: 1 } });
const threshold = (metrics: object) =>
  testRule({ name: 'a', type: 'threshold', options: readOptions('threshold', { metrics }), condition: 'slow > 1' });

describe('a rule with nothing against it', () => {
  it.each<[string, Rule]>([
    ['that counts', testRule({ name: 'a', delay: 30 * SECOND, kql: 'service.name:shop' })],
    ['that groups', testRule({ name: 'a', delay: 30 * SECOND, groupBy: ['service.name'] })],
    ['that goes by arrival', testRule({ name: 'a', source: { ...testRule({ name: 'a' }).source, timeField: 'event.ingested' } })],
    ['that is paused, whatever it says', testRule({ name: 'a', index: 'gone-*', enabled: false })],
  ])('%s', async (_name, rule) => {
    expect(await check([rule], steady(2 * SECOND))).toEqual([]);
  });
});

describe('what a query finds', () => {
  it('is an error, once, when there is no such index', async () => {
    expect(await check([testRule({ name: 'a', index: 'gone-*', groupBy: ['x'] })], steady(0))).toEqual([
      'test.yaml index: no index matches gone-* (check `index` for a typo, or set `ignore_missing_index: true` where data comes and goes) [search/no_index]',
    ]);
  });

  it('is warned about when nothing of the last day matches, however much there is', async () => {
    expect(await check([testRule({ name: 'a', delay: MINUTE, kql: 'service.name:shpo' })], steady(0))).toEqual([
      'test.yaml query: warning: none of 120 documents of the last day matches (right for something rare; else look for a typo in a field or a value) [cluster/no-match]',
    ]);
  });

  it('is warned about when nobody writes there any more, and not where data comes and goes', async () => {
    const old = [log(30 * HOUR, 0)];
    const rule = testRule({ name: 'a' });
    expect(await check([rule], old)).toEqual([expect.stringContaining('logs-* has no document of the last day by @timestamp')]);
    expect(await check([{ ...rule, source: { ...rule.source, ignoreMissingIndex: true } }], old)).toEqual([]);
  });

  it('is only noted where a rule waits for events', async () => {
    const text = 'name: a\ntype: match\nindex: logs-*\ndelay: 1m\nquery: service.name:root\n';
    const { rules } = compileRules([{ file: 'test.yaml', text }]);
    expect(await check(rules, steady(0))).toEqual([expect.stringMatching(/note: none of 120 documents.*\[cluster\/no-match\]$/)]);
    expect(await check(rules, [log(30 * HOUR, 0)])).toEqual([expect.stringMatching(/note: .*\[cluster\/no-documents\]$/)]);
  });

  it('is warned about when no matching document has a field that makes groups', async () => {
    const rule = testRule({ name: 'a', delay: MINUTE, groupBy: ['service.name', 'hots.name'] });
    expect(await check([rule], steady(0))).toEqual([
      'test.yaml group_by: warning: none of the 120 documents of the last day that match has the field hots.name, so there is no group ' +
        '(look for a typo, or in Discover for the name it has there) [cluster/no-field]',
    ]);
  });

  it('is warned about when nothing is measured, each field once, among the documents of the metric alone', async () => {
    const documents = [...steady(0), log(HOUR, 0, { took: 5, kind: 'a' }), log(HOUR, 0, { size: 5, kind: 'b' })];
    const found = await check(
      [{ ...threshold({ slow: { max: 'took' }, typo: { avg: 'tok' }, again: { max: 'tok' } }), delay: MINUTE }],
      documents,
    );
    expect(found).toEqual([expect.stringContaining('has the field tok, so there is nothing to measure')]);
  });

  it('is warned about when it has more groups than the rule takes', async () => {
    const documents = ['a', 'b', 'c'].map((name) => log(MINUTE, 0, { 'service.name': name }));
    const rule = testRule({ name: 'a', delay: 30 * SECOND, groupBy: ['service.name'], maxGroups: 2 });
    expect(await check([rule], documents)).toEqual([expect.stringContaining('max_groups is 2: the others are unknown')]);
  });

  it.each<[SearchProblemCode]>([['timeout'], ['bad_mapping'], ['unauthorized']])('is warned about as %s', async (code) => {
    const failing = (search: Search): Search => ({
      ask: async (queries, signal) => {
        const answers = await search.ask(queries, signal);
        const isOwn = (query: Query | undefined) => query?.name === 'window';
        return answers.map((answer, i) =>
          isOwn(queries[i]) ? { kind: 'failed', problem: searchProblem(code, 'because of this'), cost: NO_COST } : answer,
        );
      },
    });
    expect(await check([testRule({ name: 'a', delay: MINUTE })], steady(0), failing)).toEqual([
      expect.stringMatching(new RegExp(`^test.yaml: warning: because of this \\(.*\\) \\[search/${code}\\]$`)),
    ]);
  });
});

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
        'rules.yaml:6:13 query: warning: no index of logs-* has the field srvice.name, so this `not` leaves nothing out (did you mean service.name?)',
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
        expect.stringContaining('documents in memory cannot answer the Lucene expression'),
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
        expect.stringMatching(
          /^rules.yaml:6:21 metrics.errors.count: .* field event.outcom, so this filter lets no document through/,
        ),
        expect.stringMatching(/^rules.yaml:6:45 metrics.errors.count: .* field levl,/),
        expect.stringMatching(/^rules.yaml:7:16 metrics.slow.max: .* field tok, so there is nothing to measure/),
        expect.stringMatching(/^rules.yaml:7:33 metrics.slow.where: .* field servce.name, so this `not` leaves nothing out/),
        expect.stringMatching(/^rules.yaml:8:32 metrics.more.by\[0\]: .* field pod, so it tells no counters/),
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
    ['cardinality', 'body', /metrics.m.cardinality: cardinality needs a field other than a text; body is a text/],
  ])('that %s cannot measure are an error at the metric, and the only one', async (measure, field, expected) => {
    const text = `name: a\ntype: threshold\nindex: logs-*\ndelay: 1m\nmetrics: { m: { ${measure}: ${field} } }\ncondition: m > 1\n`;
    const types = { host: 'keyword', body: 'text', took: 'long' };
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
    const documents = [...steady(0), log(HOUR, 0, { host: 'a', body: 'b' })];
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
        /6:8 query: .*agent.size lies in the nested objects agent .*dsl: \{ nested: \{ path: agent.*\[cluster\/nested-field\]$/,
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
    expect(found).toEqual([expect.stringContaining('logs-* has no document of the last day')]);
  });
});

describe('the delay of a rule', () => {
  it('is warned about when documents arrive later, with the one that is long enough', async () => {
    expect(await check([testRule({ name: 'a', delay: 30 * SECOND })], [...steady(10 * SECOND), ...steady(65 * SECOND)])).toEqual([
      'test.yaml delay: warning: delay 30s is too short: of the newest 240 documents half arrived within 10s, 99 of 100 within 1m 5s; ' +
        'later ones are not evaluated (delay: 1m30s; or revisit: 1m30s, which evaluates a window once more for late documents) [cluster/delay]',
    ]);
  });

  it.each<[string, Pick<TestRule, 'delay' | 'revisit'>]>([
    ['is as long as 99 of 100 take', { delay: 10 * SECOND }],
    ['is short, and its windows are evaluated once more', { delay: 0, revisit: MINUTE }],
  ])('is right when it %s', async (_name, changes) => {
    const documents = [...steady(10 * SECOND), log(2 * HOUR, HOUR)];
    expect(await check([testRule({ name: 'a', ...changes })], documents)).toEqual([]);
  });

  it('cannot be evaluated without times of arrival, which is said once, as a note, for all rules and sources', async () => {
    const rules = [
      testRule({ name: 'a', ...at('a.yaml') }),
      testRule({ name: 'b', ...at('b.yaml') }),
      testRule({ name: 'c', index: 'logs-app', ...at('c.yaml') }),
    ];
    expect(await check(rules, steady(undefined))).toEqual([
      expect.stringMatching(
        /^a\.yaml:1:1 delay: note: .* for logs-\*, logs-app \(no document says in event\.ingested when it arrived\) \(let an ingest/,
      ),
    ]);
  });
});

describe('every example rule', () => {
  it('can be asked about, whatever its type', async () => {
    const { rules, problems } = await loadRules([resolve(import.meta.dirname, '../../../rules')]);
    expect(problems).toEqual([]);
    const found = await check(rules, []);
    expect(new Set(rules.map(({ type }) => type)).size).toBeGreaterThanOrEqual(4);
    expect(found.filter((line) => !/\[(?:cluster\/no-documents|search\/unsupported)\]$/.test(line))).toEqual([]);
    // Where data comes and goes, none at all is no problem.
    expect(found.length).toBeGreaterThanOrEqual(rules.filter(({ source }) => !source.ignoreMissingIndex).length);
  });
});

describe('the cost of a check', () => {
  it('is one ask for all rules, however many', async () => {
    const asked: (readonly Query[])[] = [];
    const counting = (search: Search): Search => ({
      ask: (queries, signal) => {
        asked.push(queries);
        return search.ask(queries, signal);
      },
    });
    const rules = Array.from({ length: 20 }, (_, i) => testRule({ name: `r${i}`, delay: MINUTE, kql: 'service.name:shop' }));
    await check(rules, steady(0), counting);
    expect(asked).toHaveLength(1);
    expect(distinctQuestions(asked.flat()).distinct).toHaveLength(4);
    await check([], steady(0), counting);
    expect(asked).toHaveLength(1);
  });

  it('leaves out what a rule asks about weeks', async () => {
    const asked: Query[] = [];
    const recording = (search: Search): Search => ({
      ask: (queries, signal) => {
        asked.push(...queries);
        return search.ask(queries, signal);
      },
    });
    const options = readOptions('spike', { reference: { offset: '7d' } });
    await check([testRule({ name: 'a', type: 'spike', options, condition: 'current > reference' })], steady(0), recording);
    expect(asked.every(({ window }) => window.to - window.from <= 24 * HOUR)).toBe(true);
  });
});
