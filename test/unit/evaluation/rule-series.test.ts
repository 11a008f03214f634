import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import { ruleSeries, SERIES_POINTS, type Series } from '../../../src/evaluation/rule-series.ts';
import { ruleTypeNamed } from '../../../src/rule-types/registry.ts';
import type { Group } from '../../../src/search/query.ts';
import { openAnswer, type RangeQuery, type RangeSearch } from '../../../src/search/range/range-query.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';

const { signal } = new AbortController();
const documents = createDocuments();
const at = (minute: number, service: string, ms: number) => ({
  index: 'logs-app',
  source: { '@timestamp': new Date(NOON + minute * MINUTE - 1).toISOString(), 'service.name': service, ms },
});
documents.add([at(1, 'cart', 5), at(1, 'cart', 9), at(2, 'shop', 4), at(4, 'cart', 2)]);
const embedded = embeddedRanges(documents, embeddedSearch(documents));

const CART = { 'service.name': 'cart' };
const HOUR = { from: NOON, to: NOON + 4 * MINUTE };

async function seriesOf(
  given: TestRule,
  group: Group = CART,
  range = HOUR,
  answer: RangeSearch['ask'] = embedded.ask,
): Promise<{ readonly series: Series | undefined; readonly asked: readonly RangeQuery[] }> {
  const asked: RangeQuery[] = [];
  const ranges: RangeSearch = {
    ...embedded,
    ask: (questions, stop) => {
      asked.push(...questions);
      return answer(questions, stop);
    },
  };
  const rule = testRule({ window: MINUTE, groupBy: Object.keys(group), ...given });
  const type = ruleTypeNamed(rule.type);
  if (type === undefined) throw new Error(`no type ${rule.type}`);
  return { series: await ruleSeries({ rule, type, group }, range, { ranges }, signal), asked };
}

const times = [1, 2, 3, 4].map((minute) => NOON + minute * MINUTE);

describe('the series of a rule', () => {
  it('has the values that its conditions compare, at its ticks, with what they compare them with', async () => {
    const { series, asked } = await seriesOf({ name: 'boom', condition: 'count >= 2' });
    const readings = [2, 0, 0, 1].map((count) => ({ count }));
    const thresholds = { value: 'count', bad: 'above', limits: [{ sign: '>=', number: 2 }] };
    expect(series).toEqual({ group: CART, value: 'count', times, values: [2, 0, 0, 1], readings, thresholds });
    expect(asked.map(({ windows }) => windows.length)).toEqual([4]);
    const all = await seriesOf({ name: 'boom', window: 2 * MINUTE, condition: 'count >= 2' }, {});
    expect(all.series?.values).toEqual([2, 3, 1, 1]);
  });

  it('shows the metric of a threshold rule, and nothing where nothing was measured', async () => {
    const options = readOptions('threshold', { metrics: { most: { max: 'ms' } } });
    const { series } = await seriesOf({ name: 'slow', type: 'threshold', options, condition: 'most > 8.5' });
    expect(series).toMatchObject({
      value: 'most',
      values: [9, null, null, 2],
      thresholds: { limits: [{ sign: '>', number: 8.5 }] },
    });
  });

  it('shows what a spike has now, its references in the same range query', async () => {
    const options = { reference: { kind: 'offset', offset: 3 * MINUTE } };
    const { series, asked } = await seriesOf({ name: 'jump', type: 'spike', options, condition: 'current > reference * 2' });
    expect(series).toMatchObject({ value: 'current', values: [2, 0, 0, 1], thresholds: undefined });
    expect(asked.map(({ windows }) => windows.length)).toEqual([7]);
  });

  it.each([
    ['match', {}],
    ['change', { field: 'ms' }],
    ['new_term', { field: 'service.name', lookback: '1h' }],
  ])('shows the number of documents of a rule of type %s', async (type, keys) => {
    const options = readOptions(type, keys, ['service.name']);
    const { series } = await seriesOf({ name: 'other', type, options, condition: 'true' });
    expect(series).toMatchObject({ value: 'count', values: [2, 0, 0, 1], thresholds: undefined });
  });

  it('is undefined where every window would be a search and no one puts them, and where no tick lies in the range', async () => {
    expect(
      (await seriesOf({ name: 'none', condition: 'count >= 1' }, CART, { from: NOON, to: NOON + 1_000 })).series,
    ).toBeUndefined();
    const options = readOptions('esql', { esql: '| STATS n = COUNT(*)', variables: { n: 'number' } });
    const { series, asked } = await seriesOf({ name: 'rows', type: 'esql', options, condition: 'n > 1' }, {});
    expect([series, asked]).toEqual([undefined, []]);
  });

  it('has a point for every so many ticks of a long time', async () => {
    const { series, asked } = await seriesOf({ name: 'boom', condition: 'count >= 2' }, CART, {
      from: NOON - 6_000 * MINUTE,
      to: NOON,
    });
    expect(series?.times).toHaveLength(SERIES_POINTS);
    expect(series?.times.at(-1)).toBe(NOON);
    expect(asked).toHaveLength(1);
  });

  it('asks nothing alone: what a range query leaves open is not known', async () => {
    const { series, asked } = await seriesOf({ name: 'boom', condition: 'count >= 2' }, CART, HOUR, async (all) =>
      all.map(openAnswer),
    );
    expect(series?.values).toEqual([null, null, null, null]);
    expect(asked).toHaveLength(1);
  });
});
