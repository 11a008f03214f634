import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileRules, loadRules } from '../../../src/rules/load-rules.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Query } from '../../../src/search/query.ts';
import { distinctQuestions, type Search } from '../../../src/search/search.ts';
import { type SearchProblemCode, searchProblem } from '../../../src/search/search-problem.ts';
import { at, check, HOUR, log, SECOND, steady, threshold } from '../../support/cli/cluster-check.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE } from '../../support/engine/world.ts';

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
      'test.yaml index: no index matches gone-* (check `index` for a typo, or set `ignore_missing_index: true` if the data is intermittent) [search/no_index]',
    ]);
  });

  it('is warned about when nothing of a week matches, however much there is', async () => {
    expect(await check([testRule({ name: 'a', delay: MINUTE, kql: 'service.name:shpo' })], steady(0))).toEqual([
      'test.yaml query: warning: no document of the last 7 days matches; none of 120 documents of the last day matches (check for a typo in a field or a value; if the events are rare, add # tocsin:ignore cluster/no-match-week REASON) [cluster/no-match-week]',
    ]);
  });

  it('is noted when nothing of the last day matches, and earlier documents did', async () => {
    const documents = [...steady(0), log(6 * 24 * HOUR, 0, { 'service.name': 'cart' })];
    expect(await check([testRule({ name: 'a', delay: MINUTE, kql: 'service.name:cart' })], documents)).toEqual([
      'test.yaml query: note: none of 120 documents of the last day matches; 1 of the last 7 days did (normal for rare events; otherwise check for a typo in a field or a value) [cluster/no-match]',
    ]);
  });

  it('is only noted, and the failure named, when the week cannot be searched', async () => {
    const failing = (search: Search): Search => ({
      ask: async (queries, signal) =>
        (await search.ask(queries, signal)).map((answer, i) =>
          queries[i]?.name === 'week'
            ? { kind: 'failed', problem: searchProblem('timeout', 'it took too long'), cost: NO_COST }
            : answer,
        ),
    });
    const found = await check([testRule({ name: 'a', delay: MINUTE, kql: 'service.name:shpo' })], steady(0), failing);
    expect(found).toEqual([
      expect.stringMatching(/warning: it took too long .*\[search\/timeout\]$/),
      expect.stringMatching(/note: none of 120 documents of the last day matches \(.*\[cluster\/no-match\]$/),
    ]);
  });

  it('is warned about when nobody writes there any more, and not where data comes and goes', async () => {
    const old = [log(30 * HOUR, 0)];
    const rule = testRule({ name: 'a' });
    expect(await check([rule], old)).toEqual([
      expect.stringContaining('logs-* has no documents from the last day by @timestamp'),
    ]);
    expect(await check([{ ...rule, source: { ...rule.source, ignoreMissingIndex: true } }], old)).toEqual([]);
  });

  it('is only noted where a rule waits for events', async () => {
    const text = 'name: a\ntype: match\nindex: logs-*\ndelay: 1m\nquery: service.name:root\n';
    const { rules } = compileRules([{ file: 'test.yaml', text }]);
    expect(await check(rules, steady(0))).toEqual([
      expect.stringMatching(/note: no document of the last 7 days matches; none of 120 documents.*\[cluster\/no-match-week\]$/),
    ]);
    expect(await check(rules, [log(30 * HOUR, 0)])).toEqual([expect.stringMatching(/note: .*\[cluster\/no-documents\]$/)]);
  });

  it('is warned about when no matching document has a field that makes groups', async () => {
    const rule = testRule({ name: 'a', delay: MINUTE, groupBy: ['service.name', 'hots.name'] });
    expect(await check([rule], steady(0))).toEqual([
      'test.yaml group_by: warning: none of the 120 documents of the last day that match has the field hots.name, so there is no group ' +
        '(check for a typo, or look up the field’s name in Discover) [cluster/no-field]',
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

describe('the delay of a rule', () => {
  it('is warned about when documents arrive later, with the one that is long enough', async () => {
    expect(await check([testRule({ name: 'a', delay: 30 * SECOND })], [...steady(10 * SECOND), ...steady(65 * SECOND)])).toEqual([
      'test.yaml delay: warning: delay 30s is too short: of the newest 240 documents, half arrived within 10s, 99 of 100 within 1m 5s; ' +
        'later ones are not evaluated (delay: 1m30s; or revisit: 1m30s, which evaluates each window again for late documents) [cluster/delay]',
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
        /^a\.yaml:1:1 delay: note: .* for logs-\*, logs-app \(no document has its arrival time in event\.ingested\) \(let an ingest/,
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

  it('is one more for all rules of which nothing of the last day matches, and asks about a week for them alone', async () => {
    const asked: (readonly Query[])[] = [];
    const counting = (search: Search): Search => ({
      ask: (queries, signal) => {
        asked.push(queries);
        return search.ask(queries, signal);
      },
    });
    const rules = ['shop', 'cart', 'bots'].map((name) => testRule({ name, delay: MINUTE, kql: `service.name:${name}` }));
    await check(rules, steady(0), counting);
    expect(asked.map((queries) => queries.filter(({ name }) => name === 'week').length)).toEqual([0, 2]);
    expect(asked[1]?.every(({ kind, window }) => kind === 'groups' && window.to - window.from === 7 * 24 * HOUR)).toBe(true);
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
