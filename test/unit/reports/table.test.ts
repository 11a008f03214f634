import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { table } from '../../../src/reports/table.ts';
import { textWidth } from '../../../src/reports/text-width.ts';

const WIDE = { color: false, columns: 80 };

describe('a text table', () => {
  test('is as wide as what it holds, numbers to the right', () => {
    const rows = [
      ['stub-5xx', '60'],
      ['mem', '1440'],
    ];
    expect(table([{ title: 'RULE' }, { title: 'WINDOWS', align: 'right' }], rows, WIDE)).toBe(
      ['RULE      WINDOWS', 'stub-5xx       60', 'mem          1440', ''].join('\n'),
    );
  });

  test('the widest column that may shrink gives way', () => {
    const columns = [{ title: 'A' }, { title: 'B', least: 4 }, { title: 'C', least: 4 }];
    const printed = table(columns, [['fixed', 'a long text indeed', 'short']], { color: false, columns: 24 });
    expect(printed.split('\n')[1]).toBe('fixed  a long te…  short');
  });

  test('what a document holds cannot break or paint a line', () => {
    const printed = table([{ title: 'GROUP' }], [['a\nb\u001B[31mc']], WIDE);
    expect(printed).toBe('GROUP\na b\uFFFD[31mc\n');
  });

  test('paint goes round a cell, never into its width', () => {
    const paint = (text: string) => `<${text}>`;
    expect(table([{ title: 'A' }, { title: 'B' }], [[{ text: 'x', paint }, 'y']], WIDE).split('\n')[1]).toBe('<x>  y');
  });

  test('no line is wider than the look while columns may shrink', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (rows) => {
        const printed = table(
          [
            { title: 'A', least: 5 },
            { title: 'B', least: 5 },
          ],
          rows,
          { color: false, columns: 30 },
        );
        for (const line of printed.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(30);
      }),
    );
  });

  test('a cell of a megabyte costs little and shows little', () => {
    const printed = table([{ title: 'A' }], [['x'.repeat(1_000_000)]], WIDE);
    expect(printed.length).toBeLessThan(500);
  });
});
