import { expect, test } from 'vitest';
import { inParallel } from '../../../src/core/parallel.ts';

test('work goes side by side up to a width, and results stand in the order of the items', async () => {
  const open: { readonly item: number; readonly finish: () => void }[] = [];
  const all = inParallel(
    [1, 2, 3, 4, 5],
    2,
    (item) => new Promise<number>((resolve) => open.push({ item, finish: () => resolve(item * 10) })),
  );
  const taken: number[][] = [];
  while (open.length > 0) {
    taken.push(open.map(({ item }) => item));
    // The last to begin ends first.
    open.pop()?.finish();
    await Promise.resolve().then(() => undefined);
    await Promise.resolve();
  }
  expect(await all).toEqual([10, 20, 30, 40, 50]);
  expect(Math.max(...taken.map((at) => at.length))).toBe(2);
});

test('what fails fails the whole', async () => {
  await expect(
    inParallel([1, 2], 1, (item) => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item))),
  ).rejects.toThrow('two');
});
