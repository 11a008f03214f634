import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/rules/load-rules.ts';
import type { Search } from '../../../src/search/search.ts';
import { check, log, SECOND, steady } from '../../support/cli/cluster-check.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE } from '../../support/engine/world.ts';

function rulesOf(...lines: readonly string[]) {
  const { rules, problems } = compileRules([
    { file: 'test.yaml', text: `${['name: a', 'index: logs-*', 'delay: 1m', ...lines].join('\n')}\n` },
  ]);
  expect(problems).toEqual([]);
  return rules;
}

describe('values that a field cannot hold', () => {
  const expecting = (...values: readonly string[]) =>
    rulesOf('type: flatline', 'group_by: [took]', `expect: [${values.join(', ')}]`);
  const documents = [...steady(0), log(MINUTE, 0, { took: 5 })];
  const found = async (type: string, ...values: readonly string[]) =>
    (await check(expecting(...values), documents, undefined, { took: type })).filter((line) =>
      line.includes('[cluster/expect-type]'),
    );

  it.each([
    ['long', ['many'], '"many"'],
    ['long', ['1', '1.5'], '"1.5"'],
    ['unsigned_long', ['-1'], '"-1"'],
    ['double', ['a', 'b', 'c', 'd'], '"a", "b", "c" and 1 more'],
    ['boolean', ['"yes"'], '"yes"'],
    ['ip', ['localhost'], '"localhost"'],
  ])('of type %s are named: %j', async (type, values, named) => {
    expect(await found(type, ...values)).toEqual([
      expect.stringMatching(
        new RegExp(`^test\\.yaml:6:1 expect: warning: took is a ${type} in logs-\\* and cannot contain ${named}:`),
      ),
    ]);
  });

  it.each([
    ['long', ['5', '-7', '"8"']],
    ['double', ['1.5', '"1e3"']],
    ['boolean', ['true']],
    ['ip', ['"10.0.0.1"', '"2001:db8::1"']],
    ['keyword', ['anything', '5']],
    ['date', ['2026-01-01']],
  ])('of type %s are not those that it holds: %j', async (type, values) => {
    expect(await found(type, ...values)).toEqual([]);
  });
});

describe('what the newest window costs', () => {
  const slow =
    (took: number) =>
    (search: Search): Search => ({
      ask: async (queries, signal) =>
        (await search.ask(queries, signal)).map((answer) => ({ ...answer, cost: { ...answer.cost, took, shards: 12 } })),
    });

  it('is warned about from half of the timeout on', async () => {
    const rule = testRule({ name: 'a', delay: 30 * SECOND });
    const { timeout } = rule.source;
    expect(await check([rule], steady(2 * SECOND), slow(timeout / 2))).toEqual([
      expect.stringMatching(/timeout: warning: one search of the newest window took .* over 12 shards.*\[cluster\/slow\]$/),
    ]);
    expect(await check([rule], steady(2 * SECOND), slow(timeout / 2 - 1))).toEqual([]);
  });
});

describe('groups', () => {
  it.each([
    [4, false],
    [5, true],
  ])('of which max_groups leaves room for 5, with %d there: a note is %s', async (groups, noted) => {
    const documents = Array.from({ length: groups }, (_, index) => log(2 * MINUTE, 0, { 'service.name': `s${index}` }));
    const rule = testRule({ name: 'a', delay: 30 * SECOND, groupBy: ['service.name'], maxGroups: 6 });
    const lines = (await check([rule], documents)).filter((line) => line.includes('[cluster/many-groups]'));
    expect(lines.length).toBe(noted ? 1 : 0);
  });
});
