import { expect, it } from 'vitest';
import type { Acknowledgement } from '../../../src/notify/acknowledgements.ts';
import type { StorageUnderTest, StoresUnderTest } from './stores-contract.ts';

type Over = (work: (stores: StoresUnderTest, storage: StorageUnderTest) => Promise<void>) => () => Promise<void>;

const made = (alert: string, at: number, comment = 'on it'): Acknowledgement => ({
  ...{ v: 1, alert, episode: 'e', rule: 'r', level: 'warning', by: 'anna' },
  at,
  comment,
});

/** What a store of acknowledgements must do. */
export function acknowledgementsContract(over: Over): void {
  it(
    'those after a time are listed, the newest first and without waiting; a later put of an alert replaces its first one',
    over(async ({ acknowledgements }, storage) => {
      expect(await acknowledgements.put([made('a', 1_000), made('b', 2_000), made('c', 3_000)])).toEqual({
        ok: true,
        value: undefined,
      });
      await acknowledgements.put([made('b', 4_000, 'still on it')]);
      expect(await acknowledgements.list(1_000)).toEqual({
        ok: true,
        value: [made('b', 4_000, 'still on it'), made('c', 3_000)],
      });
      expect(await storage.open('team-b').acknowledgements.list(0)).toEqual({ ok: true, value: [] });
    }),
  );

  it(
    'those before a time are removed, and no others',
    over(async ({ acknowledgements }, storage) => {
      const theirs = storage.open('team-b').acknowledgements;
      await acknowledgements.put([made('a', 1_000), made('b', 2_000)]);
      await theirs.put([made('a', 1_000)]);
      await storage.settle();
      expect(await acknowledgements.prune(2_000)).toBe(1);
      await storage.settle();
      expect(await acknowledgements.list(0)).toEqual({ ok: true, value: [made('b', 2_000)] });
      expect(await theirs.list(0)).toEqual({ ok: true, value: [made('a', 1_000)] });
    }),
  );

  it(
    'one that is invalid is named, and hides no other',
    over(async ({ acknowledgements }) => {
      await acknowledgements.put([made('a', 1_000), { ...made('b', 2_000), by: 7 as never }]);
      const listed = await acknowledgements.list(0);
      expect(listed).toMatchObject({ ok: true, value: [made('a', 1_000)] });
      expect([...(listed.unreadable ?? [])]).toEqual([['b', expect.stringContaining('is invalid at by')]]);
    }),
  );
}
