import { expect, it } from 'vitest';
import type { Arrived } from '../../../src/search/answer.ts';
import { MINUTE, minute, type Over } from './search-asking.ts';
import { START } from './search-corpus.ts';

/** What is measured of the documents of a group. */
export function metricsContract(over: Over): void {
  const sizes = [
    minute(1, { 'host.name': 'a', n: 1, size: 2.5, ok: true, message: 'first' }),
    minute(2, { 'host.name': 'a', n: 3, size: [1, 4], ok: false }),
    minute(3, { 'host.name': 'b', n: [5, 4], _doc_count: 10, tags: ['x', 'x', 'y'] }),
  ];
  const row = (answer: Arrived, host: string) => answer.groups.find(({ group }) => group['host.name'] === host)?.values;

  it(
    'are taken over the values of each group',
    over(sizes, async ({ groups }) => {
      const answer = await groups({
        groupBy: ['host.name'],
        metrics: {
          mean: { of: 'avg', field: 'size' },
          least: { of: 'min', field: 'size' },
          most: { of: 'max', field: 'size' },
          total: { of: 'sum', field: 'size' },
          values: { of: 'value_count', field: 'size' },
          distinct: { of: 'cardinality', field: 'size' },
          median: { of: 'percentile', field: 'size', percent: 50 },
        },
      });
      expect(row(answer, 'a')).toEqual({ mean: 2.5, least: 1, most: 4, total: 7.5, values: 3, distinct: 3, median: 2.5 });
    }),
  );

  it(
    'are null where no document has a value, and zero where values are counted',
    over(sizes, async ({ groups }) => {
      const fields = ['size', 'never.mapped'];
      for (const field of fields) {
        const answer = await groups({
          groupBy: ['host.name'],
          metrics: {
            mean: { of: 'avg', field },
            least: { of: 'min', field },
            most: { of: 'max', field },
            total: { of: 'sum', field },
            distinct: { of: 'cardinality', field },
            p95: { of: 'percentile', field, percent: 95 },
            last: { of: 'last', field },
            values: { of: 'value_count', field },
          },
        });
        const none = { mean: null, least: null, most: null, total: null, distinct: null, p95: null, last: null, values: 0 };
        expect(row(answer, 'b')).toEqual(none);
      }
    }),
  );

  it(
    'look at the documents of their own filter alone',
    over(sizes, async ({ groups }) => {
      const where = { term: { ok: true } };
      const metrics = { good: { of: 'count', where }, size: { of: 'sum', field: 'size', where }, all: { of: 'count' } } as const;
      const answer = await groups({ groupBy: ['host.name'], metrics });
      expect(row(answer, 'a')).toEqual({ good: 1, size: 2.5, all: 2 });
      expect(row(answer, 'b')).toEqual({ good: 0, size: null, all: 10 });
      expect((await groups({ metrics })).groups[0]?.values).toEqual({ good: 1, size: 2.5, all: 12 });
    }),
  );

  it(
    'last is the value of the newest document that has one, the greatest of several',
    over(sizes, async ({ groups }) => {
      const last = async (field: string) => {
        const answer = await groups({ metrics: { last: { of: 'last', field } } });
        return answer.groups[0]?.values['last'];
      };
      expect(await last('n')).toBe(5);
      expect(await last('ok')).toBe(false);
      expect(await last('host.name')).toBe('b');
      expect(await last('message.keyword')).toBe('first');
      expect(await last('@timestamp')).toBe(new Date(START + 3 * MINUTE).toISOString());
    }),
  );

  it(
    'count the distinct values of a keyword once a document, as they are kept',
    over(sizes, async ({ groups }) => {
      const metrics = { values: { of: 'value_count', field: 'tags' }, distinct: { of: 'cardinality', field: 'tags' } } as const;
      expect((await groups({ metrics })).groups[0]?.values).toEqual({ values: 2, distinct: 2 });
    }),
  );

  it(
    'without any document are null for the one row without group_by',
    over(sizes, async ({ groups }) => {
      const answer = await groups({
        filter: { match_none: {} },
        metrics: { total: { of: 'sum', field: 'n' }, all: { of: 'count' } },
      });
      expect(answer.groups).toEqual([{ group: {}, docs: 0, values: { total: null, all: 0 } }]);
    }),
  );
}
