import { createMemory } from '../../src/backends/embedded/memory-stores.ts';
import type { History, HistoryRecord } from '../../src/notify/history.ts';
import { runHistoryContract } from './support/run-history-contract.ts';
import { storesContract } from './support/stores-contract.ts';

storesContract('the memory', async () => {
  const memory = createMemory({ freeze: true });
  return { open: memory.stores, settle: async () => {}, dispose: async () => {} };
});

runHistoryContract('the memory', async () => {
  // Everything that a memory holds is of one namespace, so that of another is not written here at all.
  const { history, runHistory } = createMemory({ freeze: true }).stores('team-a');
  return { namespace: 'team-a', history: ownOnly(history), runHistory, settle: async () => {}, dispose: async () => {} };
});

function ownOnly(history: History): History {
  const isOwn = ({ id }: HistoryRecord) => id.startsWith('team-a/');
  const write = async (batch: readonly HistoryRecord[]) => {
    await history.write(batch.filter(isOwn));
    return batch.length;
  };
  return { ...history, write };
}
