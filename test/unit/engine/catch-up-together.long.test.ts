import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import type { TimeRange } from '../../../src/core/time.ts';
import { openAnswer, type RangeQuery, type RangeSearch } from '../../../src/search/range/range-query.ts';
import { catchUpAfter, rulesOfAllTypes } from '../../support/differential/catch-up.ts';
import { AHEAD_INDEX, AHEAD_MAPPING, aheadDocuments, SPRING } from '../../support/differential/dry-run.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';
import { SEED } from '../../support/seed.ts';

const [given = []] = fc.sample(aheadDocuments, { numRuns: 1, seed: SEED });
const documents = createDocuments({ mapping: AHEAD_MAPPING });
documents.add(given.map((source) => ({ source, index: AHEAD_INDEX })));
const search = embeddedSearch(documents);
const ranges = embeddedRanges(documents, search);
/** The limit of the range queries of a batch, ms. */
const RANGES_ALLOWANCE = 10_000;
const downtime = { search, from: SPRING + 10 * MINUTE, length: 60 * MINUTE };

/** Range queries over the same documents, and the questions that were asked of them. */
function recorded(answer: RangeSearch['ask'] = ranges.ask): RangeSearch & { readonly questions: RangeQuery[] } {
  const questions: RangeQuery[] = [];
  return {
    ...ranges,
    questions,
    ask: (asked, signal) => {
      questions.push(...asked);
      return answer(asked, signal);
    },
  };
}

describe('a service that was down for an hour', () => {
  it('does the same, asked together and window by window, with a rule of every type', { timeout: 60_000 }, async () => {
    const rules = await rulesOfAllTypes();
    const alone = await catchUpAfter({ ...downtime, rules });
    const together = await catchUpAfter({ ...downtime, rules, ranges });
    expect(together.seen).toEqual(alone.seen);
    expect(together.asked.turns).toBe(alone.asked.turns);
    expect(together.asked.alone + together.asked.ranges).toBeLessThan(alone.asked.alone / 2);
  });

  it('asks for ten windows at once: 13 searches a rule in place of 60', async () => {
    const rules = Array.from({ length: 100 }, (_, place) =>
      testRule({
        name: `r${place}`,
        index: AHEAD_INDEX,
        kql: `bytes > ${place}`,
        groupBy: ['service.name'],
        condition: 'count >= 99',
      }),
    );
    const alone = await catchUpAfter({ ...downtime, rules });
    expect(alone.asked).toEqual({ alone: 6_000, ranges: 0, turns: 6 });
    const together = await catchUpAfter({ ...downtime, rules, ranges });
    expect(together.seen).toEqual(alone.seen);
    // The newest window of each rule is asked alone; a range query over slices takes a second search, for the order of the groups.
    expect(together.asked).toEqual({ alone: 100, ranges: 600, turns: 6 });
  });

  it('asks plain counts alone where as many rules share their searches', async () => {
    const rules = Array.from({ length: 10 }, (_, place) =>
      testRule({ name: `r${place}`, index: AHEAD_INDEX, kql: `bytes > ${place}`, condition: 'count >= 99' }),
    );
    const sharing = { ...ranges, shares: () => true };
    expect((await catchUpAfter({ ...downtime, rules, ranges: sharing })).asked).toEqual({ alone: 600, ranges: 0, turns: 6 });
    const few = await catchUpAfter({ ...downtime, rules: rules.slice(0, 3), ranges: sharing });
    expect(few.asked).toEqual({ alone: 3, ranges: 18, turns: 6 });
  });

  it('asks for its newest window when it is its turn, not with those before it', async () => {
    const asked = recorded();
    const rules = [testRule({ name: 'one', index: AHEAD_INDEX, groupBy: ['service.name'], condition: 'count >= 99' })];
    await catchUpAfter({ ...downtime, rules, ranges: asked });
    const ends = asked.questions.flatMap(({ windows }) => windows.map(({ to }) => to));
    expect(Math.max(...ends)).toBe(downtime.from + downtime.length - MINUTE);
  });
});

describe('range queries that bring nothing', () => {
  const rules = [
    testRule({ name: 'one', index: AHEAD_INDEX, groupBy: ['service.name'], condition: 'count >= 4' }),
    testRule({ name: 'two', index: AHEAD_INDEX, groupBy: ['host.name'], condition: 'count >= 4' }),
  ];

  it('leave each window to be asked alone, and are not tried again soon', async () => {
    const asked = recorded(async (questions) => questions.map(openAnswer));
    const alone = await catchUpAfter({ ...downtime, rules });
    const together = await catchUpAfter({ ...downtime, rules, ranges: asked });
    expect(together.seen).toEqual(alone.seen);
    expect(together.asked).toEqual({ ...alone.asked, ranges: 2 });
  });

  it('cost no rule its windows where they throw', async () => {
    const broken: RangeSearch = { ...ranges, ask: () => Promise.reject(new Error('broken')) };
    const alone = await catchUpAfter({ ...downtime, rules });
    const { runs, stored, heard } = (await catchUpAfter({ ...downtime, rules, ranges: broken })).seen;
    expect({ runs, stored }).toEqual({ runs: alone.seen.runs, stored: alone.seen.stored });
    expect(heard).toContain('01:10 team [FIRING] Tocsin: internal error while searching several windows at once');
  });

  it('end in time for their windows to be asked alone', async () => {
    const limits: number[] = [];
    const { engine, backend } = world();
    const hanging: RangeSearch = {
      ...ranges,
      ask: async (questions, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        return questions.map(openAnswer);
      },
    };
    const ports = engine(rules, {
      backend: { ...backend, search, ranges: hanging },
      deadline: (ms, parent) => {
        limits.push(ms);
        const limit = new AbortController();
        if (ms === RANGES_ALLOWANCE) setImmediate(() => limit.abort());
        return { signal: AbortSignal.any([limit.signal, parent]), end: () => undefined };
      },
    });
    await turnAt(ports, downtime.from);
    const { runs } = await turnAt(ports, downtime.from + 5 * MINUTE);
    expect(runs.map(({ outcome }) => outcome)).toEqual(new Array(10).fill('evaluated'));
    // What is left of the batch's limit is enough for a search that takes as long as it may.
    expect(limits).toContain(RANGES_ALLOWANCE);
    expect(Math.max(...limits) - RANGES_ALLOWANCE).toBeGreaterThanOrEqual(30_000);
  });
});

test('a spike and its references are one range query', async () => {
  const { engine, backend, add } = world();
  for (let hours = 0; hours < 5; hours++)
    add('logs-app', { '@timestamp': new Date(NOON - hours * 60 * MINUTE - 1).toISOString() });
  const reference = { kind: 'average', of: 4, step: 60 * MINUTE };
  const rule = testRule({ name: 'jump', type: 'spike', options: { reference }, condition: 'current > reference * 5' });
  const own = embeddedRanges(backend.documents, backend.search);
  const asked = recorded(own.ask);
  const alone: TimeRange[] = [];
  const counted: typeof backend.search = {
    ask: (queries, signal) => {
      alone.push(...queries.map(({ window }) => window));
      return backend.search.ask(queries, signal);
    },
  };
  const { runs } = await turnAt(engine([rule], { backend: { ...backend, search: counted, ranges: asked } }), NOON);
  expect(runs).toMatchObject([{ outcome: 'evaluated', matched: 1, counts: { clear: 1 } }]);
  expect(asked.questions.map(({ windows }) => windows.length)).toEqual([5]);
  expect(alone).toEqual([]);
  expect(runs[0]?.sent).toHaveLength(5);
});
