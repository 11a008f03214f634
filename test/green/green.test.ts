import { describe, expect, it } from 'vitest';
import { greenTable } from './table.ts';
import { TROUBLES } from './troubles.ts';
import { walkRow } from './walk.ts';

const ROWS = await greenTable();
const QUICK = TROUBLES.filter(({ slow }) => slow !== true);

describe('the table "Green means green" of docs/operations.md', () => {
  it('has a way to make each of its rows happen, and no other', () => {
    expect(TROUBLES.map(({ trouble }) => trouble)).toEqual(ROWS.map(({ trouble }) => trouble));
  });

  describe.concurrent('holds for the built service', () => {
    it.each(QUICK.map((one) => [one.trouble, one] as const))('%s', async (name, trouble) => {
      await walkRow(rowOf(name), trouble);
    });
  });
});

function rowOf(name: string) {
  const row = ROWS.find(({ trouble }) => trouble === name);
  if (row === undefined) throw new Error(`docs/operations.md has no row "${name}"`);
  return row;
}
