import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../../src/backends/embedded/backend.ts';
import { createMemory } from '../../../../src/backends/embedded/memory-stores.ts';
import type { HistoryRecord } from '../../../../src/notify/history.ts';
import { lease } from '../../../contract/support/stored-documents.ts';

const day = 86_400_000;
const write = (document: ReturnType<typeof lease>) => [{ id: '3', document, version: undefined }];

describe('the memory', () => {
  it('outlives whoever opened it, and keeps namespaces apart', async () => {
    const memory = createMemory();
    await memory.stores('a').leases.save(write(lease(3, 'me')));
    expect((await memory.stores('a').leases.load()).ok && memory.stores('a')).toBe(memory.stores('a'));
    expect(await memory.stores('b').leases.load()).toEqual({ ok: true, value: new Map() });
  });

  it('freezes what it is given, if asked, so that nobody changes it unseen', async () => {
    const { leases } = createMemory({ freeze: true }).stores('a');
    const document = { ...lease(3, 'me') };
    await leases.save(write(document));
    expect(() => Object.assign(document, { holder: 'you' })).toThrow(TypeError);
  });

  it('does not copy what it is given', async () => {
    const { leases } = createMemory().stores('a');
    const document = lease(3, 'me');
    await leases.save(write(document));
    const loaded = await leases.load();
    expect(loaded.ok && loaded.value.get('3')?.document).toBe(document);
  });

  it('gives out what it holds in maps that can be changed without changing it', async () => {
    const { leases } = createMemory().stores('a');
    await leases.save(write(lease(3, 'me')));
    const loaded = await leases.load();
    if (loaded.ok) (loaded.value as Map<string, unknown>).clear();
    const again = await leases.load();
    expect(again.ok && again.value.size).toBe(1);
  });

  it('shows the history that were written, the last of an id', async () => {
    const { history } = embeddedBackend();
    const alert = (status: string): HistoryRecord => ({ index: 'alerts', id: 'e1', at: day, body: { status } });
    await history.write([alert('firing'), { index: 'runs', id: 'r1', at: 0, body: {} }, alert('resolved')]);
    expect(history.written('alerts')).toEqual([alert('resolved')]);
    expect(history.written('runs')).toHaveLength(1);
    expect(await history.prune(day)).toEqual(['tocsin-runs-1970.01.01']);
    expect(history.written('runs')).toEqual([]);
  });
});
