import type { Lease, Leases } from '../../../engine/leases.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { idsOf, type StoreSetting, searchStore } from './store-requests.ts';
import { readBody, type Shape } from './stored-shape.ts';

const SHAPE: Shape = { shard: 'number', holder: 'string', token: 'string', until: 'number' };
/** Far more than there are shards. */
const MOST = 1_000;

/** The documents of `tocsin-leases`. A lease made by another replica is seen one refresh later, its changes at once. */
export function leases(setting: StoreSetting): Leases {
  const documents = fencedDocuments<Lease>(setting, {
    indexed: ({ holder, until }) => ({ holder, until }),
    read: (body) => readBody<Lease>(body, SHAPE),
  });
  return {
    load: async () => {
      const found = await searchStore(setting, [], { size: MOST, fields: ['id'] });
      return found.ok ? documents.load(idsOf(found.value)) : found;
    },
    save: documents.save,
  };
}
