import { isObject } from '../../../core/json.ts';
import type { Instant } from '../../../core/time.ts';
import type { AlertGroupDocument } from '../../../notify/alert-group.ts';
import type { AlertGroups } from '../../../notify/alert-groups.ts';
import { ALERT_GROUP } from '../../../state/alert-group-versions.ts';
import { indexedOf } from '../../../state/stored-kind.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { idsOf, type StoreSearch, type StoreSetting, searchStore } from './store-requests.ts';

/** The most that one search gives unless an index says otherwise; more is refused, and one more than the limit is asked for. */
const MOST_FOUND = 10_000;

/** The documents of `tocsin-alert-groups`. */
export function alertGroups(setting: StoreSetting): AlertGroups {
  const documents = fencedDocuments<AlertGroupDocument>(setting, {
    indexed: (document) => indexedOf(ALERT_GROUP, document),
    read: ALERT_GROUP.read,
  });
  return {
    load: (ids) => documents.load(ids),
    save: documents.save,
    remove: documents.remove,
    quiet: async (limit, after) => {
      const found = await searchStore(setting, [{ bool: { must_not: [{ exists: { field: 'due' } }] } }], {
        size: limit,
        fields: ['id'],
        sort: [{ id: 'asc' }],
        ...(after !== undefined && { search_after: [after] }),
      });
      return found.ok ? { ok: true, value: idsOf(found.value) } : found;
    },
    due: async (before, most) => {
      const limit = Math.min(most, MOST_FOUND - 1);
      const found = await searchStore(setting, [{ exists: { field: 'due' } }], {
        size: limit + 1,
        fields: ['id'],
        sort: [{ due: 'asc' }, { id: 'asc' }],
        post_filter: { range: { due: { lte: before, format: 'epoch_millis' } } },
        aggs: {
          later: {
            filter: { range: { due: { gt: before, format: 'epoch_millis' } } },
            aggs: { next: { min: { field: 'due' } } },
          },
        },
      });
      if (!found.ok) return found;
      return { ok: true, value: { ids: idsOf(found.value).slice(0, limit), next: nextOf(found.value, limit) } };
    },
  };
}

/** The first one beyond the limit if there is one, else the first one after the time. */
function nextOf(found: StoreSearch, limit: number): Instant | undefined {
  const beyond = found.documents[limit]?.sort[0];
  if (typeof beyond === 'number') return beyond;
  const later = found.aggregations['later'];
  const next = isObject(later) ? later['next'] : undefined;
  return isObject(next) && typeof next['value'] === 'number' ? next['value'] : undefined;
}
