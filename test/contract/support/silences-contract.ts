import { expect, it } from 'vitest';
import type { StoreAnswer } from '../../../src/core/stored.ts';
import { silence } from './stored-documents.ts';
import type { StorageUnderTest, StoresUnderTest } from './stores-contract.ts';

type Over = (work: (stores: StoresUnderTest, storage: StorageUnderTest) => Promise<void>) => () => Promise<void>;

/** What a store of silences must do. */
export function silencesContract(over: Over): void {
  it(
    'silences that may matter are listed; a later put replaces, and one that is over is left out',
    over(async ({ silences }, storage) => {
      for (const one of [silence('over', 0, 1_000), silence('now', 0, 9_000), silence('to-come', 8_000, 9_000)]) {
        expect(await silences.put(one)).toEqual({ ok: true, value: undefined });
      }
      await silences.put(silence('now', 0, 7_000));
      await storage.settle();
      const listed = value(await silences.list(5_000));
      expect([...listed].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        silence('now', 0, 7_000),
        silence('to-come', 8_000, 9_000),
      ]);
      expect(value(await storage.open('team-b').silences.list(0))).toEqual([]);
    }),
  );

  it(
    'a silence is read by its ID; a put over a version that is not the stored one changes nothing',
    over(async ({ silences }, storage) => {
      await silences.put(silence('s', 0, 9_000));
      expect(value(await silences.get('other'))).toBeUndefined();
      expect(value(await storage.open('team-b').silences.get('s'))).toBeUndefined();
      const first = value(await silences.get('s'));
      expect(first?.document).toEqual(silence('s', 0, 9_000));
      expect(await silences.put(silence('s', 0, 7_000), first?.version)).toEqual({ ok: true, value: undefined });
      const late = await silences.put(silence('s', 0, 8_000), first?.version);
      expect(late).toEqual({ ok: false, message: 'it was changed in the meantime' });
      expect(value(await silences.get('s'))?.document).toEqual(silence('s', 0, 7_000));
      // Without a refresh by the test: whoever added a silence sees it in the next list.
      expect(value(await silences.list(0))).toEqual([silence('s', 0, 7_000)]);
    }),
  );

  it(
    'silences that ended before a time are removed, and no others',
    over(async ({ silences }, storage) => {
      const theirs = storage.open('team-b').silences;
      for (const one of [silence('long-over', 0, 1_000), silence('over', 0, 5_000), silence('now', 0, 9_000)])
        await silences.put(one);
      await theirs.put(silence('long-over', 0, 1_000));
      await storage.settle();
      expect(await silences.prune(5_000)).toBe(1);
      await storage.settle();
      expect(
        value(await silences.list(0))
          .map(({ id }) => id)
          .sort(),
      ).toEqual(['now', 'over']);
      expect(value(await theirs.list(0))).toHaveLength(1);
      expect(await silences.prune(5_000)).toBe(0);
    }),
  );
}

function value<T>(answer: StoreAnswer<T>): T {
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}
