import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iso } from '../../../src/core/time.ts';
import type { HitRow } from '../../../src/search/answer.ts';
import { ingestLag, ingestLagQuery, suggestedDelay } from '../../../src/search/ingest-lag.ts';
import type { Source } from '../../../src/search/query.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const SOURCE: Source = {
  indices: ['logs-*'],
  timeField: 'event.start',
  ignoreMissingIndex: false,
  timeout: 30_000,
  frozen: false,
};

const hit = (lag: number, time: unknown = iso(NOON - lag)): HitRow => ({
  id: '1',
  index: 'logs-app',
  at: NOON,
  fields: { 'event.start': [time as string] },
});
const lagOf = (...hits: readonly HitRow[]) => ingestLag(hits, 'event.start');

describe('the question for the lag', () => {
  it('goes by arrival, asks for the time alone and is bounded', () => {
    expect(ingestLagQuery('lag', SOURCE, NOON)).toEqual({
      kind: 'hits',
      name: 'lag',
      source: { ...SOURCE, timeField: 'event.ingested' },
      window: { from: NOON - 24 * 60 * MINUTE, to: NOON },
      filter: { exists: { field: 'event.start' } },
      fields: ['event.start'],
      limit: 500,
    });
  });
});

describe('the lag of documents', () => {
  it('is the median and the 99th percentile', () => {
    const hits = Array.from({ length: 200 }, (_, index) => hit((index + 1) * SECOND));
    expect(lagOf(...hits)).toEqual({ documents: 200, median: 100 * SECOND, p99: 198 * SECOND });
  });

  it.each<[string, readonly HitRow[], unknown]>([
    ['of one document is that of this document', [hit(3 * SECOND)], { documents: 1, median: 3 * SECOND, p99: 3 * SECOND }],
    ['of a sender whose clock is ahead is 0', [hit(-5 * SECOND)], { documents: 1, median: 0, p99: 0 }],
    ['is read from milliseconds written as text', [hit(0, String(NOON - SECOND))], { documents: 1, median: SECOND, p99: SECOND }],
    ['leaves out what has no time', [hit(SECOND), hit(0, 'yesterday')], { documents: 1, median: SECOND, p99: SECOND }],
    ['of no document is unknown', [], undefined],
    ['of documents without a time is unknown', [{ ...hit(0), fields: {} }], undefined],
  ])('%s', (_name, hits, expected) => {
    expect(lagOf(...hits)).toEqual(expected);
  });

  it('is never longer than the longest, and its 99th percentile never shorter than the median', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 * MINUTE }), { minLength: 1, maxLength: 300 }), (lags) => {
        const lag = lagOf(...lags.map((ms) => hit(ms)));
        const within = lags.filter((ms) => ms <= (lag?.p99 ?? 0)).length;
        return lag !== undefined && lag.median <= lag.p99 && lags.includes(lag.p99) && within >= 0.99 * lags.length;
      }),
    );
  });
});

describe('the delay that is suggested', () => {
  it.each([
    ['no lag at all', 0, 5 * SECOND],
    ['seconds', 12_300, 20 * SECOND],
    ['a little less than a minute', 55 * SECOND, 60 * SECOND],
    ['minutes', 125 * SECOND, 150 * SECOND],
    ['many minutes', 14 * MINUTE, 15 * MINUTE],
    ['hours', 61 * MINUTE, 70 * MINUTE],
  ])('for %s of %d ms is %d ms', (_name, p99, delay) => {
    expect(suggestedDelay({ p99 })).toBe(delay);
  });
});
