import { readApart } from '../../../core/read-apart.ts';
import { type Leases, leasesRead } from '../../../engine/leases.ts';
import { LEASE_KIND, type Lease } from '../../../state/lease.ts';
import { indexedOf } from '../../../state/stored-kind.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { idsOf, type StoreSetting, searchStore } from './store-requests.ts';

/** Far more than there are shards. */
const MOST = 1_000;

/** The documents of `tocsin-leases`. A lease made by another replica is seen one refresh later, its changes at once. */
export function leases(setting: StoreSetting): Leases {
  const documents = fencedDocuments<Lease>(setting, {
    indexed: (document) => indexedOf(LEASE_KIND, document),
    read: LEASE_KIND.read,
  });
  return {
    load: async () => {
      const found = await searchStore(setting, [], { size: MOST, fields: ['id'] });
      return found.ok ? leasesRead(await readApart(idsOf(found.value), (ids) => documents.load(ids))) : found;
    },
    save: documents.save,
  };
}
