import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import { ruleSeries } from '../../../src/evaluation/rule-series.ts';
import { TICKS_ASKED, tickReadings } from '../../../src/evaluation/tick-readings.ts';
import { ruleTypeNamed } from '../../../src/rule-types/registry.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Group } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { countingEsql } from '../../support/engine/counting-esql.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';

const documents = createDocuments();
// In minute n there are n documents of one pod, one of another, and in every third minute one of a job.
for (let minute = 1; minute <= 60; minute++) {
  const pods = [...Array.from({ length: minute }, () => 'api'), 'web', ...(minute % 3 === 0 ? ['job'] : [])];
  const time = (place: number) => new Date(NOON + minute * MINUTE - 1 - place).toISOString();
  documents.add(pods.map((pod, place) => ({ index: 'logs-app', source: { '@timestamp': time(place), pod } })));
}
const embedded = embeddedSearch(documents);
const type = ruleTypeNamed('esql');
if (type === undefined) throw new Error('there is no type esql');

const options = (by = ' BY pod') => readOptions('esql', { esql: `| STATS n = COUNT(*)${by}`, variables: { n: 'number' } });
const rowsRule = (given: Partial<TestRule> = {}) =>
  testRule({ name: 'rows', type: 'esql', groupBy: ['pod'], window: MINUTE, options: options(), condition: 'n > 40', ...given });
const RULE = rowsRule();
const minutes = (from: number, to: number) => ({ from: NOON + from * MINUTE, to: NOON + to * MINUTE });
const never = new AbortController().signal;

async function read(range = minutes(0, 60), search: Search = embedded, signal = never, rule = RULE) {
  const asked = countingEsql(search);
  return { read: await tickReadings({ rule, type: type as never }, range, asked, signal), asked };
}

describe('the readings of a rule that is asked tick by tick', () => {
  it('are of all groups, at thirty ticks of an hour, the last one among them', async () => {
    const { read: found, asked } = await read();
    expect(found).toHaveLength(TICKS_ASKED);
    const times = found.map(({ at }) => (at - NOON) / MINUTE);
    expect(times).toEqual(Array.from({ length: 30 }, (_, place) => (place + 1) * 2));
    expect(found.at(-1)?.readings).toEqual([
      { group: { pod: 'api' }, present: true, values: { n: 60 } },
      { group: { pod: 'job' }, present: true, values: { n: 1 } },
      { group: { pod: 'web' }, present: true, values: { n: 1 } },
    ]);
    // The windows of evaluations, three searches at once.
    expect(asked.windows).toContainEqual({ from: NOON + 59 * MINUTE, to: NOON + 60 * MINUTE });
    expect(Math.max(...asked.together)).toBe(3);
    expect(asked.windows).toHaveLength(TICKS_ASKED);
  });

  it('are of each tick of a short time', async () => {
    const { read: found } = await read(minutes(50, 60));
    expect(found.map(({ at }) => (at - NOON) / MINUTE)).toEqual([51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
  });

  it('are spread over the time when it ends early, and none where they are too few', async () => {
    const stopAfter = (asks: number) => {
      const stop = new AbortController();
      let asked = 0;
      const search: Search = {
        ask: async (queries, signal) => {
          const answers = await embedded.ask(queries, signal);
          if (++asked === asks) stop.abort();
          return answers;
        },
      };
      return read(minutes(0, 60), search, stop.signal);
    };
    const early = (await stopAfter(3)).read.map(({ at }) => (at - NOON) / MINUTE);
    expect(early).toHaveLength(9);
    expect(early.at(-1)).toBe(60);
    const gaps = early.slice(1).map((at, place) => at - (early[place] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(16);
    expect((await stopAfter(1)).read).toEqual([]);
  });

  it('end at the first search that fails', async () => {
    let asks = 0;
    const search: Search = {
      ask: async (queries, signal) => {
        asks += 1;
        if (asks < 4) return embedded.ask(queries, signal);
        const problem = searchProblem('timeout', 'too slow');
        return queries.map(() => ({ kind: 'failed', problem, cost: NO_COST }));
      },
    };
    expect((await read(minutes(0, 60), search)).read).toHaveLength(9);
    expect(asks).toBe(4);
  });

  it('need a second question where there is one row, as evaluations do', async () => {
    const rule = rowsRule({ groupBy: [], options: options('') });
    const { read: found } = await read(minutes(-5, 5), embedded, never, rule);
    const counts = found.map(({ readings: [reading] }) => (reading?.present === true ? reading.values['n'] : 'absent'));
    expect(counts).toEqual(['absent', 'absent', 'absent', 'absent', 'absent', 2, 3, 5, 5, 6]);
  });
});

describe('the series of such a rule', () => {
  const seriesOf = async (group: Group, search = embedded) => {
    const ranges = embeddedRanges(documents, embedded);
    const ticks = () => tickReadings({ rule: RULE, type: type as never }, minutes(0, 60), countingEsql(search), never);
    return ruleSeries({ rule: RULE, type: type as never, group }, minutes(0, 60), { ranges, ticks }, never);
  };

  it('has what was measured of the group, nothing where it had no row, and the limit of the condition', async () => {
    const api = await seriesOf({ pod: 'api' });
    expect(api).toMatchObject({ value: 'n', thresholds: { bad: 'above', limits: [{ sign: '>', number: 40 }] } });
    expect(api?.values).toEqual(Array.from({ length: 30 }, (_, place) => (place + 1) * 2));
    const job = await seriesOf({ pod: 'job' });
    expect(job?.values.slice(0, 6)).toEqual([null, null, 1, null, null, 1]);
  });

  it('is undefined for a group without a row, and where ES|QL is not answered', async () => {
    expect(await seriesOf({ pod: 'gone' })).toBeUndefined();
    const refuses: Search = {
      ask: async (queries) =>
        queries.map(() => ({
          ...{ kind: 'failed', problem: searchProblem('unsupported', 'no ES|QL') },
          cost: NO_COST,
        })),
    };
    expect(await seriesOf({ pod: 'api' }, refuses)).toBeUndefined();
  });
});
