import { createMemory } from '../../src/backends/embedded/memory-stores.ts';
import { storesContract } from './support/stores-contract.ts';

storesContract('the memory', async () => {
  const memory = createMemory({ freeze: true });
  return { open: memory.stores, settle: async () => {}, dispose: async () => {} };
});
