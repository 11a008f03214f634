import { expect, it } from 'vitest';
import { startFileWatch } from '../../../src/service/reload/file-watch.ts';

const SECOND = 1_000;

/** Polls once a second for `seconds`, where each look takes `took` ms; gives the seconds at which looks began. */
async function looksWithin(seconds: number, took: number, interval = 10 * SECOND): Promise<readonly number[]> {
  let now = 0;
  const began: number[] = [];
  const looks = startFileWatch({
    clock: { monotonic: () => now },
    interval: () => interval,
    look: async () => {
      began.push(now / SECOND);
      now += took;
    },
  });
  for (let second = 1; second <= seconds; second++) {
    now = Math.max(now, second * SECOND);
    looks.poll();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return began;
}

it.each([
  ['looks at every interval while that is quick', 0, 10 * SECOND, [10, 20, 30, 40]],
  ['looks less often where it takes long', 50, 10 * SECOND, [10, 35]],
  ['never looks more often than it is notified', 0, 25 * SECOND, [25]],
  ['leaves three intervals at most between looks, however busy the machine', 100, 2 * SECOND, [2, 8, 14, 20, 26, 32, 38, 44]],
  ['spends a third of the time on looks at most', 10 * SECOND, 2 * SECOND, [2, 32]],
])('%s', async (_name, took, interval, expected) => {
  expect(await looksWithin(45, took, interval)).toEqual(expected);
});

it('begins no look while one is under way', () => {
  let now = 0;
  let begun = 0;
  const looks = startFileWatch({
    clock: { monotonic: () => now },
    interval: () => SECOND,
    look: () => {
      begun++;
      return new Promise(() => undefined);
    },
  });
  for (now = 0; now < 300 * SECOND; now += SECOND) looks.poll();
  expect(begun).toBe(1);
});
