import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { bundlePage } from '../../../scripts/page/bundle.ts';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import { iso, systemClock } from '../../../src/core/time.ts';
import { play } from '../../../src/replay/play.ts';
import { decidingKeys } from '../../../src/rules/deciding-keys.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import type { HeldAnswers } from '../../../src/sandbox/held-answers.ts';
import { heldSearch, indexOf } from '../../../src/sandbox/held-search.ts';
import { type SandboxMaterial, sandboxMaterial, sandboxOf, sandboxText } from '../../../src/sandbox/material.ts';
import { openSandbox, type Running } from '../../../src/sandbox/play-edited.ts';
import { recordAnswers } from '../../../src/sandbox/record-answers.ts';
import { type Arrived, NO_COST } from '../../../src/search/answer.ts';
import type { Query } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { openPacked } from '../../support/sandbox/page-program.ts';
import { routedSettings } from '../../support/sandbox/settings.ts';
import { SEED } from '../../support/seed.ts';

// The machine may be busy, and the engine plays half an hour in each of these tests.
vi.setConfig({ testTimeout: 120_000 });

const AHEAD = join(import.meta.dirname, '..', '..', 'fixtures', 'ahead', 'rules.yaml');
const START = Date.UTC(2026, 0, 24);
const MINUTE = 60_000;
const range = { from: START, to: START + 30 * MINUTE };

const ASKED = {
  name: 'window',
  source: { indices: ['logs'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 1_000, frozen: false },
  window: { from: START, to: START + MINUTE },
  filter: { match_all: {} },
};

const groupsOf = (minute: number) => ({
  kind: 'groups' as const,
  groupBy: ['service.name'],
  missing: 'exclude' as const,
  metrics: {},
  maxGroups: 9,
  window: { from: START + minute * MINUTE, to: START + (minute + 3) * MINUTE },
});

const running = (more: Partial<Running> = {}): Running => ({
  ...{ clock: systemClock, signal: new AbortController().signal, progress: () => undefined },
  ...more,
});

const ahead = loadRules([AHEAD], {});

async function ruleNamed(name: string): Promise<Rule> {
  const { rules } = await ahead;
  const rule = rules.find((one) => one.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
}

/** Documents of an hour: errors of three services, which begin and end. */
function documents(more: Readonly<Record<string, unknown>> = {}) {
  const store = createDocuments();
  for (let minute = -30; minute < 30; minute++)
    for (const [place, service] of ['cart', 'shop', 'stub'].entries()) {
      const level = (minute + 30 + place * 4) % 15 < 6 ? 'error' : 'info';
      const source = {
        '@timestamp': iso(START + minute * MINUTE),
        service: { name: service },
        host: { name: `h${place}` },
        level,
        ms: minute,
        ...more,
      };
      store.add([{ source, index: 'ahead-docs' }]);
    }
  return embeddedSearch(store);
}

async function materialOf(rule: Rule, search: Search = documents()): Promise<SandboxMaterial> {
  const settings = await routedSettings();
  const recorder = recordAnswers(rule);
  const { rules } = await play({
    ...{ rules: [rule], failures: [], settings, range, warmUp: 0, ...running() },
    search,
    around: recorder.over,
  });
  const [story] = rules;
  if (story === undefined) throw new Error('the rule has no story');
  return sandboxMaterial({ rule, story, range, warmUp: 0, settings }, recorder);
}

async function dataOf(rule: Rule, search?: Search) {
  const material = await materialOf(rule, search);
  if (!material.ok) throw new Error(material.why);
  return material.data;
}

describe('the keys of a sandbox that are invalid', () => {
  test.each([
    ['a condition that does not parse', { condition: 'count >=' }, 'condition', 'unexpected end of the condition', 1, 9],
    ['an unknown name', { condition: 'count > 1 && cuont > 2' }, 'condition', 'unknown', 1, 14],
    ['an error in the second line', { condition: 'count > 1 &&\n  count > "x"' }, 'condition', 'does not work', 2, 11],
    ['an empty condition', { condition: ' ' }, 'condition', 'empty condition', 1, 1],
    ['a recover that is a number', { condition: 'count > 1', recover: 'count' }, 'recover', 'must be true or false', 1, 1],
    ['no duration', { condition: 'count > 1', for: 'soon' }, 'for', 'expected a duration', 1, 1],
    [
      'more breaches than findings',
      { condition: 'count > 1', for: { breaches: 4, of: 2 } },
      'for.breaches',
      'are more than',
      1,
      1,
    ],
    ['a long time', { condition: 'count > 1', keep_firing_for: '9999d' }, 'keep_firing_for', 'expected at most', 1, 1],
    ['far too much', { condition: `count > ${'('.repeat(3_000)}1` }, 'condition', '', 1, undefined],
    ['longer than a condition may be', { condition: `count > 1${' '.repeat(5_000)}` }, 'condition', 'at most 4000', 1, undefined],
  ])('%s has the message of the loader at its place', async (_name, keys, path, message, line, column) => {
    const sandbox = await openPacked(await dataOf(await ruleNamed('frequency-of-services')));
    const began = performance.now();
    const played = await sandbox.playWith(keys, running());
    expect(performance.now() - began).toBeLessThan(2_000);
    if (played.ok) throw new Error('it was played');
    expect(played.problems).toHaveLength(1);
    expect(played.problems[0]).toMatchObject({ path, severity: 'error' });
    expect(played.problems[0]?.message.toLowerCase()).toContain(message);
    expect(played.problems[0]?.at).toMatchObject({ line, ...(column !== undefined && { column }) });
  });

  test('of a level are at that level', async () => {
    const sandbox = await openPacked(await dataOf(await ruleNamed('threshold-that-adds-up')));
    const levels = [
      { severity: 'critical', condition: 'most > 1.0' },
      { severity: 'warning', condition: 'most > oh' },
    ];
    expect(await sandbox.playWith({ levels }, running())).toMatchObject({
      ok: false,
      problems: [{ path: 'levels[1].condition', at: { line: 1, column: 8 } }],
    });
  });
});

describe('a run of a sandbox', () => {
  test('ends when another one takes its place', async () => {
    const sandbox = openSandbox(await dataOf(await ruleNamed('frequency-of-services')));
    const stop = new AbortController();
    stop.abort();
    await expect(sandbox.playWith({ condition: 'count > 1' }, running({ signal: stop.signal }))).rejects.toThrow('interrupted');
  });

  test('that asks what was not recorded says so and gives nothing', async () => {
    const data = await dataOf(await ruleNamed('frequency-of-services'));
    const [first, ...others] = data.answers.questions;
    if (first === undefined) throw new Error('nothing was recorded');
    const begins = first.begins.slice(0, 10);
    const questions = [{ ...first, begins, answers: first.answers.slice(0, 10) }, ...others];
    const sandbox = openSandbox({ ...data, answers: { ...data.answers, questions } });
    const played = await sandbox.playWith(data.keys, running());
    expect(played).toMatchObject({ ok: false, problems: [{ code: 'sandbox/not-recorded' }] });
  });
});

test('a sandbox that does not give what the replay gave says so', async () => {
  const data = await dataOf(await ruleNamed('frequency-of-services'));
  expect(await openSandbox(data).playAsItIs(running())).toMatchObject({ ok: true });
  expect(await openSandbox({ ...data, changes: data.changes + 1 }).playAsItIs(running())).toMatchObject({
    ok: false,
    problems: [{ code: 'sandbox/differs' }],
  });
});

describe('a rule has no sandbox', () => {
  test.each([
    ['whose documents are events', 'match', 'documents'],
    ['whose answers were cut off', 'frequency-cut-off', 'truncated'],
  ])('%s', async (_name, rule, why) => {
    expect(await materialOf(await ruleNamed(rule))).toEqual({ ok: false, why });
  });

  test('that is paused', async () => {
    const rule = await ruleNamed('frequency-of-all');
    expect(await materialOf({ ...rule, enabled: false })).toEqual({ ok: false, why: 'paused' });
  });

  test('of which a window failed', async () => {
    const search = documents();
    const failing: Search = {
      ask: async (queries, signal) => {
        const failed = queries.some(({ window }) => window.to > START + 20 * MINUTE && window.to < START + 22 * MINUTE);
        if (!failed) return search.ask(queries, signal);
        return queries.map(() => ({ kind: 'failed', problem: searchProblem('timeout', 'slow'), cost: NO_COST }));
      },
    };
    const rule = { ...(await ruleNamed('frequency-of-all')), catchUp: 0 };
    expect(await materialOf(rule, failing)).toEqual({ ok: false, why: 'not_whole' });
  });

  test('that measured more numbers than a page holds, which those that are recorded side by side share', async () => {
    const search = documents();
    const held = async (rules: number) => {
      const recorder = recordAnswers(await ruleNamed('frequency-of-services'), rules);
      const { signal } = new AbortController();
      const port = recorder.over(search, () => START);
      for (let minute = 0; minute < 30; minute++)
        await port.ask([{ ...ASKED, source: (await ruleNamed('frequency-of-services')).source, ...groupsOf(minute) }], signal);
      return recorder.recorded();
    };
    expect(await held(1)).toMatchObject({ ok: true });
    expect(await held(100_000)).toEqual({ ok: false, why: 'too_many' });
  });
});

/** Answers of all kinds that a port may give. */
const value = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n }),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
);
const groupOf = fc.record({ a: fc.option(fc.string()), __proto__x: fc.option(fc.string()) });
const asked = fc.constantFrom<Query>(
  {
    kind: 'groups',
    ...ASKED,
    groupBy: ['a', '__proto__x'],
    missing: 'include',
    metrics: { v: { of: 'count' }, w: { of: 'max', field: 'x' } },
    maxGroups: 9,
  },
  { kind: 'groups', ...ASKED, groupBy: ['a', '__proto__x'], missing: 'include', metrics: {}, maxGroups: 9, bucket: 1_000 },
  { kind: 'esql', ...ASKED, text: '| STATS v = COUNT(*)', maxRows: 9 },
);
const arrived = (query: Query) =>
  fc
    .record({
      rows: fc.array(fc.record({ group: groupOf, docs: fc.nat(), v: value, w: value, bucket: fc.nat({ max: 60 }) }), {
        maxLength: 6,
      }),
      matched: fc.nat(),
      ungrouped: fc.nat(),
      dates: fc.option(fc.constant(['v']), { nil: undefined }),
      named: fc.option(fc.array(groupOf, { maxLength: 2 }), { nil: undefined }),
    })
    .map(
      ({ rows, matched, ungrouped, dates, named }): Arrived => ({
        kind: 'complete',
        hits: [],
        groups:
          query.kind === 'groups'
            ? rows.map(({ group, docs, v, w, bucket }) => ({
                group,
                docs,
                values: Object.keys(query.metrics).length === 0 ? {} : { v, w },
                ...(query.bucket !== undefined && { bucket: START + bucket * 1_000 }),
              }))
            : [],
        table: query.kind === 'esql' ? rows.map(({ v, w }) => ({ v, w })) : [],
        ...{ matched, ungrouped, atLeast: rows.length, sent: null, cost: NO_COST },
        ...(dates !== undefined && { dates }),
        ...(named !== undefined && query.kind === 'groups' && { named }),
      }),
    );

test('answers of every kind are the same after they were recorded, packed and read', async () => {
  const rule = await ruleNamed('frequency-of-all');
  const { signal } = new AbortController();
  await fc.assert(
    fc.asyncProperty(
      asked.chain((query) => fc.tuple(fc.constant(query), arrived(query), arrived(query))),
      async ([query, one, other]) => {
        const given = [one, other, other];
        const recorder = recordAnswers({ ...rule, source: query.source });
        let now = START;
        const search = recorder.over({ ask: async () => [given.shift() ?? one] }, () => now);
        for (let time = 0; time < 3; time++) {
          now += MINUTE;
          await search.ask([query], signal);
        }
        const recorded = recorder.recorded();
        if (!recorded.ok) throw new Error(recorded.why);
        const answers: HeldAnswers = JSON.parse(JSON.stringify(recorded.answers));
        const held = heldSearch(answers, indexOf(answers));
        for (const answer of [one, other, other, other]) expect(await held.ask([query], signal)).toEqual([answer]);
        expect(held.lacks()).toBe(false);
        await held.ask([{ ...query, window: { from: START, to: START + 2 } }], signal);
        expect(held.lacks()).toBe(true);
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

test('what is known ahead, and asked for again at the same tick, is one answer; at another tick it is another', async () => {
  const { signal } = new AbortController();
  const query: Query = { kind: 'groups', ...ASKED, groupBy: [], missing: 'exclude', metrics: {}, maxGroups: 1 };
  const counted = (docs: number): Arrived => ({
    ...{ kind: 'complete', hits: [], table: [], matched: docs, ungrouped: 0, atLeast: 1, sent: null, cost: NO_COST },
    groups: [{ group: {}, docs, values: {} }],
  });
  let now = START;
  let answer = counted(1);
  const recorder = recordAnswers({ ...(await ruleNamed('frequency-of-all')), source: query.source });
  const search = recorder.over({ ask: async () => [answer], known: () => [answer] }, () => now);
  for (const docs of [1, 1, 2]) {
    now += MINUTE;
    answer = counted(docs);
    expect(search.known?.([query])).toEqual([answer]);
    expect(await search.ask([query], signal)).toEqual([answer]);
  }
  const recorded = recorder.recorded();
  if (!recorded.ok) throw new Error(recorded.why);
  const held = heldSearch(recorded.answers, indexOf(recorded.answers));
  expect(held.known?.([query])).toBeUndefined();
  for (const docs of [1, 1, 2, 2]) expect(await held.ask([query], signal)).toEqual([counted(docs)]);
});

test('an answer that is the same whenever it is asked for is known ahead, as often as one looks; others are not', async () => {
  const { signal } = new AbortController();
  const query: Query = { kind: 'groups', ...ASKED, groupBy: [], missing: 'exclude', metrics: {}, maxGroups: 1 };
  const answer: Arrived = {
    ...{ kind: 'complete', hits: [], table: [], matched: 3, ungrouped: 0, atLeast: 1, sent: null, cost: NO_COST },
    groups: [{ group: {}, docs: 3, values: {} }],
  };
  const recorder = recordAnswers({ ...(await ruleNamed('frequency-of-all')), source: query.source });
  await recorder.over({ ask: async () => [answer] }, () => START).ask([query], signal);
  const recorded = recorder.recorded();
  if (!recorded.ok) throw new Error(recorded.why);
  const held = heldSearch(recorded.answers, indexOf(recorded.answers));
  for (let time = 0; time < 2; time++) expect(held.known?.([query])).toEqual([answer]);
  const later = { ...query, window: { from: query.window.from + MINUTE, to: query.window.to + MINUTE } };
  expect(held.known?.([query, later])).toBeUndefined();
  expect(held.lacks()).toBe(false);
});

test('a condition that takes a date for a number is not answered by what was read as a date', async () => {
  const query: Query = {
    kind: 'groups',
    ...ASKED,
    groupBy: [],
    missing: 'exclude',
    metrics: { v: { of: 'last', field: 'x' } },
    maxGroups: 1,
  };
  const answer: Arrived = {
    ...{ kind: 'complete', hits: [], table: [], matched: 1, ungrouped: 0, atLeast: 1, sent: null, cost: NO_COST, dates: ['v'] },
    groups: [{ group: {}, docs: 1, values: { v: START } }],
  };
  const recorder = recordAnswers({ ...(await ruleNamed('frequency-of-all')), source: query.source });
  const { signal } = new AbortController();
  await recorder.over({ ask: async () => [answer] }, () => START).ask([query], signal);
  const recorded = recorder.recorded();
  if (!recorded.ok) throw new Error(recorded.why);
  const held = heldSearch(recorded.answers, indexOf(recorded.answers));
  expect(await held.ask([query], signal)).toEqual([answer]);
  await held.ask([{ ...query, metrics: { v: { of: 'last', field: 'x', number: true } } }], signal);
  expect(held.lacks()).toBe(true);
});

describe('the data of a sandbox', () => {
  test('has no text of a rule that a page does not need, and no document', async () => {
    const rule = await ruleNamed('threshold-that-adds-up');
    const secret = { description: 'internal notes', query: { language: 'kql' as const, text: 'secret: words' } };
    const text = sandboxText(
      await dataOf({ ...rule, ...secret }, documents({ 'user.name': 'someone', message: 'a line of a log' })),
    );
    for (const word of ['internal notes', 'secret: words', 'someone', 'a line of a log']) expect(text).not.toContain(word);
    expect(text).toContain('shop');
  });

  test('is the same after it was written and read', async () => {
    for (const name of ['threshold-that-adds-up', 'frequency-exact', 'threshold-of-growth']) {
      const rule = await ruleNamed(name);
      const large = { ...rule, filter: { range: { bytes: { gte: 9_007_199_254_740_993n } } } };
      const data = await dataOf(large);
      expect(sandboxText(sandboxOf(sandboxText(data)))).toBe(sandboxText(data));
      expect(sandboxOf(sandboxText(data)).rule).toEqual(data.rule);
      expect(data.keys).toEqual(decidingKeys(rule));
    }
  });
});

test('the program of pages needs nothing of Node.js, makes no code of texts, and is no larger than it should be', async () => {
  const text = await bundlePage();
  const unwanted = /\bnew Function\b|(?<![.\w}])eval\(|\brequire\(|from ?["']node:|<\/script|<!--|<script/gi;
  expect([...text.matchAll(unwanted)].map(({ index }) => text.slice(index - 20, index + 40))).toEqual([]);
  expect(text.length).toBeLessThan(650_000);
});
