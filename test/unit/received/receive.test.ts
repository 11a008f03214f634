import { describe, expect, it } from 'vitest';
import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import { mergeReceived } from '../../../src/received/merge.ts';
import { receive } from '../../../src/received/receive.ts';
import type { ReceivedAlerts } from '../../../src/received/received-alerts.ts';
import type { ReceivedAlert } from '../../../src/state/received-alert.ts';

const NOW = 1_000_000;

const sent = (id: string, starts_at: number, ends_at: number, given: Partial<ReceivedAlert> = {}): ReceivedAlert => ({
  ...{ v: 1, id, labels: { alertname: id }, annotations: {}, starts_at, ends_at, received_at: NOW, source: 'prometheus' },
  ...given,
});
const store = () => createMemory({ freeze: true }).stores('default').received;
const TERMS = { now: NOW, max: 100 };

async function times(received: ReceivedAlerts, id: string) {
  const loaded = await received.load([id]);
  const document = loaded.ok ? loaded.value.get(id)?.document : undefined;
  return document && { starts_at: document.starts_at, ends_at: document.ends_at, timeout: document.timeout === true };
}

describe('an alert that is sent again', () => {
  // Alertmanager's provider/mem and types.Alert.Merge decide these the same way.
  it.each([
    ['lives longer, from its first start', [NOW - 500, NOW + 100], [NOW - 200, NOW + 400], [NOW - 500, NOW + 400]],
    ['is over when its sender says so', [NOW - 500, NOW + 100], [NOW - 500, NOW - 10], [NOW - 500, NOW - 10]],
    ['keeps an end that was named and is later', [NOW - 500, NOW + 400], [NOW - 400, NOW + 100], [NOW - 500, NOW + 400]],
    ['begins anew once it was over', [NOW - 500, NOW - 100], [NOW - 50, NOW + 100], [NOW - 50, NOW + 100]],
    ['keeps the latest end of two that have passed', [NOW - 500, NOW - 100], [NOW - 400, NOW - 200], [NOW - 500, NOW - 100]],
  ] as const)('%s', (_what, [starts, ends], [again, until], [starts_at, ends_at]) => {
    expect(mergeReceived(sent('a', starts, ends), sent('a', again, until), NOW)).toMatchObject({ starts_at, ends_at });
  });

  it('does not keep an end that only came of a timeout', () => {
    const merged = mergeReceived(sent('a', NOW - 500, NOW + 400, { timeout: true }), sent('a', NOW - 400, NOW + 100), NOW);
    expect(merged).toMatchObject({ starts_at: NOW - 500, ends_at: NOW + 100 });
    expect(merged).not.toHaveProperty('timeout');
  });
});

describe('receiving', () => {
  it('stores each alert once, merged with what is stored of it, and with itself', async () => {
    const received = store();
    await receive([sent('a', NOW - 500, NOW + 100), sent('a', NOW - 600, NOW + 50)], received, TERMS);
    expect(await times(received, 'a')).toEqual({ starts_at: NOW - 600, ends_at: NOW + 100, timeout: false });
    expect(await receive([sent('a', NOW - 100, NOW + 300)], received, TERMS)).toEqual({ refused: 0 });
    expect(await times(received, 'a')).toEqual({ starts_at: NOW - 600, ends_at: NOW + 300, timeout: false });
  });

  it('stores no end of what never fired here, and no end twice', async () => {
    const received = store();
    await receive([sent('a', NOW - 500, NOW - 100)], received, TERMS);
    expect(await times(received, 'a')).toBeUndefined();
    await receive([sent('a', NOW - 500, NOW + 100)], received, TERMS);
    await receive([sent('a', NOW - 500, NOW - 1)], received, TERMS);
    const before = await received.load(['a']);
    await receive([sent('a', NOW - 500, NOW - 1, { received_at: NOW + 60_000 })], received, { ...TERMS, now: NOW + 60_000 });
    expect(await received.load(['a'])).toEqual(before);
  });

  it('merges again what another replica has changed meanwhile, so that neither is lost', async () => {
    const received = store();
    await receive([sent('a', NOW - 100, NOW + 100)], received, TERMS);
    let raced = false;
    const racing: ReceivedAlerts = {
      ...received,
      load: async (ids) => {
        const loaded = await received.load(ids);
        if (!raced) {
          raced = true;
          await receive([sent('a', NOW - 900, NOW + 200)], received, TERMS);
        }
        return loaded;
      },
    };
    expect(await receive([sent('a', NOW - 200, NOW + 500)], racing, TERMS)).toEqual({ refused: 0 });
    expect(await times(received, 'a')).toEqual({ starts_at: NOW - 900, ends_at: NOW + 500, timeout: false });
  });

  it('takes no more than the limit, and those that fire already and the ends go on', async () => {
    const received = store();
    const few = { now: NOW, max: 2 };
    expect(
      await receive(
        ['a', 'b', 'c'].map((id) => sent(id, NOW, NOW + 100)),
        received,
        few,
      ),
    ).toEqual({ refused: 1 });
    expect(await receive([sent('a', NOW, NOW + 900), sent('d', NOW, NOW + 100)], received, few)).toEqual({ refused: 1 });
    expect(await times(received, 'a')).toMatchObject({ ends_at: NOW + 900 });
    expect(await receive([sent('b', NOW - 1, NOW)], received, few)).toEqual({ refused: 0 });
    expect(await receive([sent('d', NOW, NOW + 100)], received, few)).toEqual({ refused: 0 });
    expect(await received.count(NOW)).toEqual({ ok: true, value: 2 });
  });

  it.each<[what: string, change: (one: ReceivedAlerts) => Partial<ReceivedAlerts>]>([
    ['cannot be read', () => ({ load: async () => ({ ok: false, message: 'no shard' }) })],
    ['cannot be counted', () => ({ count: async () => ({ ok: false, message: 'no shard' }) })],
    ['does not say what became of a write', () => ({ save: async () => [{ kind: 'unclear', message: 'no shard' }] })],
    ['takes no writes', () => ({ save: async () => [{ kind: 'refused', message: 'no shard' }] })],
    ['answers nothing', () => ({ save: async () => [] })],
    ['always has another version', () => ({ save: async () => [{ kind: 'conflict' }] })],
  ])('says so where the store %s', async (_what, change) => {
    const received = store();
    const { problem } = await receive([sent('a', NOW, NOW + 100)], { ...received, ...change(received) }, TERMS);
    expect(problem).toMatch(/no shard|returned no result|changed repeatedly/);
  });

  it('replaces what was damaged, and writes nothing over what a newer Tocsin wrote', async () => {
    const received = store();
    const newer = { ...sent('b', NOW, NOW + 9), v: 2 };
    const damaged = { ...sent('a', NOW, NOW + 9), source: 1 };
    await received.save([
      { id: 'a', document: damaged as never, version: undefined },
      { id: 'b', document: newer as never, version: undefined },
    ]);
    const { problem } = await receive([sent('a', NOW, NOW + 100), sent('b', NOW, NOW + 100)], received, TERMS);
    expect(problem).toContain('newer Tocsin');
    expect(await times(received, 'a')).toMatchObject({ ends_at: NOW + 100 });
  });
});
