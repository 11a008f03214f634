import { expect, it } from 'vitest';
import type { ReceivedAlert } from '../../../src/state/received-alert.ts';
import type { StorageUnderTest, StoresUnderTest } from './stores-contract.ts';

type Over = (work: (stores: StoresUnderTest, storage: StorageUnderTest) => Promise<void>) => () => Promise<void>;

const sent = (id: string, ends_at: number): ReceivedAlert => ({
  ...{ v: 1, id, labels: { alertname: id }, annotations: {}, starts_at: 1_000, ends_at },
  ...{ received_at: 2_000, source: 'prometheus' },
});
const create = (alert: ReceivedAlert) => ({ id: alert.id, document: alert, version: undefined });

/** What a store of received alerts must do. */
export function receivedAlertsContract(over: Over): void {
  it(
    'those that end after a time are listed and counted without waiting, and those of other namespaces are not',
    over(async ({ received }, storage) => {
      const saved = await received.save([sent('a', 4_000), sent('b', 5_000), sent('c', 6_000)].map(create));
      expect(saved.map(({ kind }) => kind)).toEqual(['saved', 'saved', 'saved']);
      expect(await received.list(4_000)).toEqual({ ok: true, value: [sent('b', 5_000), sent('c', 6_000)] });
      expect(await received.count(4_000)).toEqual({ ok: true, value: 2 });
      const theirs = storage.open('team-b').received;
      expect(await theirs.list(0)).toEqual({ ok: true, value: [] });
      expect(await theirs.count(0)).toEqual({ ok: true, value: 0 });
    }),
  );

  it(
    'of two writers of the same version exactly one wins, and the next list has what it wrote',
    over(async ({ received }) => {
      await received.save([create(sent('a', 4_000))]);
      const read = await received.load(['a', 'never-sent']);
      const version = read.ok ? read.value.get('a')?.version : undefined;
      expect(read.ok && [...read.value.keys()]).toEqual(['a']);
      const write = (ends_at: number) => received.save([{ id: 'a', document: sent('a', ends_at), version }]);
      const outcomes = (await Promise.all([write(7_000), write(8_000)])).flat();
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['conflict', 'saved']);
      const winner = outcomes[0]?.kind === 'saved' ? 7_000 : 8_000;
      expect(await received.list(4_000)).toEqual({ ok: true, value: [sent('a', winner)] });
      expect(await received.save([create(sent('a', 1))])).toEqual([{ kind: 'conflict' }]);
    }),
  );

  it(
    'those that ended before a time are removed, and no others',
    over(async ({ received }, storage) => {
      await received.save([sent('a', 1_000), sent('b', 2_000)].map(create));
      await storage.settle();
      expect(await received.prune(2_000)).toBe(1);
      expect(await received.list(0)).toEqual({ ok: true, value: [sent('b', 2_000)] });
    }),
  );

  it(
    'one that is invalid is named, and hides no other',
    over(async ({ received }) => {
      await received.save([create(sent('a', 4_000)), create({ ...sent('b', 4_000), source: 7 as never })]);
      const listed = await received.list(0);
      expect(listed).toMatchObject({ ok: true, value: [sent('a', 4_000)] });
      expect([...(listed.unreadable ?? [])]).toEqual([['b', expect.stringContaining('is invalid at source')]]);
    }),
  );
}
