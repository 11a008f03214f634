import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/core/json.ts';
import type { Measures } from '../../../src/core/units.ts';
import { inFull, measuredWords } from '../../../src/messages/measured.ts';

const MiB = 1_024 ** 2;
const DOCUMENTS = { label: 'documents', counts: true } as const;
const BYTES = { unit: 'bytes' } as const;
const COUNT = { counts: true } as const;

const words = (
  condition: string,
  values: Readonly<Record<string, Json>>,
  measures: Measures = {},
  given: { readonly decided?: Readonly<Record<string, Json>>; readonly locale?: string } = {},
) => measuredWords({ condition, decided: given.decided ?? values, values, window: 300_000, measures, locale: given.locale });

const said = (...given: Parameters<typeof words>) => {
  const found = words(...given);
  return found && inFull(found);
};

describe('a number against its limit', () => {
  test.each<readonly [string, Readonly<Record<string, Json>>, Measures, string]>([
    ['count >= 5', { count: 7 }, { count: DOCUMENTS }, '7 documents in 5m · limit 5'],
    ['count < 1', { count: 0 }, { count: DOCUMENTS }, '0 documents in 5m · minimum 1'],
    ['5 <= count', { count: 7 }, { count: DOCUMENTS }, '7 documents in 5m · limit 5'],
    [
      'used / limit > 0.95',
      { used: 249 * MiB, limit: 256 * MiB },
      { used: BYTES, limit: BYTES },
      '249 MiB of 256 MiB, 97 % · limit 95 %',
    ],
    [
      'used / limit > 0.95',
      { used: 249 * MiB, limit: 256 * MiB },
      { used: { ...BYTES, label: 'memory' }, limit: BYTES },
      'memory 249 MiB of 256 MiB, 97 % · limit 95 %',
    ],
    [
      'total >= 50 && errors / total > 0.05',
      { errors: 12, total: 100 },
      { errors: COUNT, total: COUNT },
      '12 errors of 100 in 5m, 12 % · limit 5 %',
    ],
    [
      '100 * errors / total > 5',
      { errors: 12, total: 100 },
      { errors: COUNT, total: COUNT },
      '12 errors of 100 in 5m, 12 % · limit 5 %',
    ],
    [
      'errors / total * 100 > 5',
      { errors: 12, total: 100 },
      { errors: COUNT, total: COUNT },
      '12 errors of 100 in 5m, 12 % · limit 5 %',
    ],
    ['slow > 2000000', { slow: 2_345_678 }, { slow: { unit: 'microseconds' } }, 'slow 2.35 s · limit 2 s'],
    [
      'slow > 2000000',
      { slow: 2_345_678 },
      { slow: { unit: 'microseconds', label: 'p95 latency' } },
      'p95 latency 2.35 s · limit 2 s',
    ],
    ['total > 3 && slow > 1', { total: 9, slow: 2 }, { total: COUNT, slow: { unit: 'seconds' } }, 'slow 2 s · limit 1 s'],
    [
      'current >= 3 * reference && current >= 50',
      { current: 540, reference: 120 },
      { current: DOCUMENTS, reference: { label: 'documents before', counts: true } },
      '540 documents in 5m against 120 documents before, 4.5 × · limit 3 ×',
    ],
    [
      'current >= 3 * reference',
      { current: 540, reference: 0 },
      { current: DOCUMENTS, reference: { label: 'documents before', counts: true } },
      '540 documents in 5m against 0 documents before · limit 3 ×',
    ],
    ['ready < wanted', { ready: 2, wanted: 3 }, {}, 'ready 2 · minimum 3 (wanted)'],
    ['errors > 1 || slow > 1', { errors: 0, slow: 2 }, {}, 'slow 2 · limit 1'],
    ['a > 1 || b > 1', { a: 2, b: 3 }, {}, 'a 2 · limit 1; b 3 · limit 1'],
    ['used / calls > 100', { used: 3_000, calls: 2 }, { used: BYTES, calls: COUNT }, '1,500 (used / calls) · limit 100'],
    ['used / calls > 100', { used: 3_000, calls: 2 }, {}, '3,000 against 2, 1,500 × · limit 100 ×'],
    ['state_code == 3', { state_code: 3 }, {}, 'state code 3'],
    ['replicas != 3', { replicas: 2 }, {}, 'replicas 2 · expected 3'],
    ['free < 5368709120', { free: 3 * 1_024 ** 3 }, { free: BYTES }, 'free 3 GiB · minimum 5 GiB'],
    ['max(a, b) > 10', { a: 1, b: 2_048 }, { a: BYTES, b: BYTES }, '2 KiB (max(a, b)) · limit 10 B'],
    ['id > 1', { id: '1703462528114626664' }, { id: { unit: 'orders' } }, 'id 1,703,462,528,114,626,664 orders · limit 1 orders'],
  ])('%s', (condition, values, measures, text) => {
    expect(said(condition, values, measures)).toBe(text);
  });

  test('two values that differ are not written alike', () => {
    expect(said('used > 0.95', { used: 0.9504 }, { used: { unit: 'ratio' } })).toBe('used 95.04 % · limit 95 %');
  });

  test('as the readers of the message write numbers', () => {
    expect(said('used > 1.5', { used: 2_345.5 }, {}, { locale: 'de-DE' })).toBe('used 2.346 · limit 1,5');
  });

  test('of what is over, the numbers of now against the limit that it had crossed', () => {
    const measures = { used: { unit: 'ratio' } };
    expect(said('used > 0.95', { used: 0.61 }, measures, { decided: { used: 0.97 } })).toBe('used 61 % · limit 95 %');
  });

  test('where it is between the limit and recovery, the limit is named as well', () => {
    expect(said('used > 0.95', { used: 0.9 }, { used: { unit: 'ratio' } })).toBe('used 90 % · limit 95 %');
  });

  test.each<readonly [string, Readonly<Record<string, Json>>]>([
    ['', { count: 7 }],
    ['is_new', { is_new: true }],
    ['state == "down"', { state: 'down' }],
    ['used > 1', { used: null }],
    ['used > 1', {}],
    ['used >', { used: 2 }],
    ['a / b > 1', { a: 1, b: 0 }],
    ['list > 1', { list: [1, 2] }],
    ['__proto__ > 1', { __proto__: 2 }],
    [`${'a + '.repeat(2_000)}a > 1`, { a: 1 }],
  ])('nothing is said of %s with %j', (condition, values) => {
    expect(said(condition, values)).toBeUndefined();
  });

  test('how far it is beyond the limit, either way', () => {
    expect(words('used > 2', { used: 3 })?.excess).toBe(1.5);
    expect(words('free < 4', { free: 2 })?.excess).toBe(2);
    expect(words('free < 4', { free: 0 })?.excess).toBe(Number.MAX_VALUE);
  });
});
