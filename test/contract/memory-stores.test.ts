import { createMemory } from '../../src/backends/embedded/memory-stores.ts';
import type { Projection, Projections } from '../../src/notifications/projections.ts';
import { runHistoryContract } from './support/run-history-contract.ts';
import { storesContract } from './support/stores-contract.ts';

storesContract('the memory', async () => {
  const memory = createMemory({ freeze: true });
  return { open: memory.stores, settle: async () => {}, dispose: async () => {} };
});

runHistoryContract('the memory', async () => {
  // Everything that a memory holds is of one namespace, so that of another is not written here at all.
  const { projections, runHistory } = createMemory({ freeze: true }).stores('team-a');
  return { namespace: 'team-a', projections: ownOnly(projections), runHistory, settle: async () => {}, dispose: async () => {} };
});

function ownOnly(projections: Projections): Projections {
  const isOwn = ({ id }: Projection) => id.startsWith('team-a/');
  const write = async (batch: readonly Projection[]) => {
    await projections.write(batch.filter(isOwn));
    return batch.length;
  };
  return { ...projections, write };
}
