import { describe, it } from 'vitest';
import { FAILURES } from './failures.ts';
import { greenTable } from './table.ts';
import { walkRow } from './walk.ts';

const ROWS = await greenTable();
const SLOW = FAILURES.filter(({ slow }) => slow === true);

describe.concurrent('a row of "Green means green" that takes minutes holds for the built service', () => {
  it.each(SLOW.map((one) => [one.failure, one] as const))('%s', async (name, failure) => {
    const row = ROWS.find((one) => one.failure === name);
    if (row === undefined) throw new Error(`docs/operations.md has no row "${name}"`);
    await walkRow(row, failure);
  });
});
