import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { upgradeContract } from '../../support/engine/upgrade-contract.ts';

upgradeContract('the embedded stores', async () => ({
  stores: embeddedBackend({ freeze: true }),
  settle: async () => undefined,
}));
