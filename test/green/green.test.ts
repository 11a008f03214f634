import { describe, expect, it } from 'vitest';
import { FAILURES } from './failures.ts';
import { greenTable } from './table.ts';
import { walkRow } from './walk.ts';

const ROWS = await greenTable();
const QUICK = FAILURES.filter(({ slow }) => slow !== true);

describe('the table "Green means green" of docs/operations.md', () => {
  it('has a way to make each of its rows happen, and no other', () => {
    expect(FAILURES.map(({ failure }) => failure)).toEqual(ROWS.map(({ failure }) => failure));
  });

  describe.concurrent('holds for the built service', () => {
    it.each(QUICK.map((one) => [one.failure, one] as const))('%s', async (name, failure) => {
      await walkRow(rowOf(name), failure);
    });
  });
});

function rowOf(name: string) {
  const row = ROWS.find(({ failure }) => failure === name);
  if (row === undefined) throw new Error(`docs/operations.md has no row "${name}"`);
  return row;
}
