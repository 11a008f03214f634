import { describe, it } from 'vitest';
import { greenTable } from './table.ts';
import { TROUBLES } from './troubles.ts';
import { walkRow } from './walk.ts';

const ROWS = await greenTable();
const SLOW = TROUBLES.filter(({ slow }) => slow === true);

describe.concurrent('a row of "Green means green" that takes minutes holds for the built service', () => {
  it.each(SLOW.map((one) => [one.trouble, one] as const))('%s', async (name, trouble) => {
    const row = ROWS.find((one) => one.trouble === name);
    if (row === undefined) throw new Error(`docs/operations.md has no row "${name}"`);
    await walkRow(row, trouble);
  });
});
