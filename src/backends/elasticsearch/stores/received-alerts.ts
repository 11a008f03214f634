import { isObject, type Json, type JsonObject } from '../../../core/json.ts';
import type { StoreAnswer } from '../../../core/stored.ts';
import { MOST_RECEIVED, type ReceivedAlerts, receivedRead } from '../../../received/received-alerts.ts';
import { RECEIVED_ALERT, type ReceivedAlert } from '../../../state/received-alert.ts';
import { indexedOf } from '../../../state/stored-kind.ts';
import { writeBulk } from './bulk.ts';
import { documentId } from './document-id.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { removeFound } from './remove-found.ts';
import { type FoundDocument, pathOf, type StoreSetting, searchStore } from './store-requests.ts';

/** One page of a search. */
const PAGE = 5_000;

/** The documents of `tocsin-received-alerts`. A save is seen by the next list: what was sent again in time must not be taken for over. */
export function receivedAlerts(setting: StoreSetting): ReceivedAlerts {
  const documents = fencedDocuments<ReceivedAlert>(setting, {
    indexed: (alert) => indexedOf(RECEIVED_ALERT, alert),
    read: RECEIVED_ALERT.read,
  });
  return {
    load: (ids) => documents.load(ids),
    save: (writes) =>
      writeBulk(
        setting.wire,
        { path: pathOf(setting.index, '_bulk'), refresh: true },
        writes.map(({ id, document, version }) => {
          const _id = documentId(setting.namespace, id);
          const action =
            version === undefined
              ? { create: { _id } }
              : { index: { _id, if_seq_no: version.seqNo, if_primary_term: version.primaryTerm } };
          const indexed = indexedOf(RECEIVED_ALERT, document);
          return { action, document: { namespace: setting.namespace, id, ...indexed, body: document as unknown as Json } };
        }),
      ),
    list: async (from) => {
      const stored: FoundDocument[] = [];
      for (let after: readonly unknown[] | undefined; ; ) {
        const page = {
          size: PAGE,
          _source: true,
          sort: [{ id: 'asc' }],
          ...(after !== undefined && { search_after: after as Json }),
        };
        const found = await searchStore(setting, [endsAfter(from)], page);
        if (!found.ok) return found;
        stored.push(...found.value.documents);
        after = found.value.documents.at(-1)?.sort;
        if (found.value.documents.length < PAGE) break;
        if (stored.length >= MOST_RECEIVED)
          return { ok: false, message: `${setting.index} contains ${MOST_RECEIVED} or more alerts that have not ended` };
      }
      return receivedRead(
        stored.map(storedReceived),
        RECEIVED_ALERT.read,
        (id) => `the received alert ${id} of ${setting.index}`,
      );
    },
    count: async (from) => {
      const counted = { size: 0, aggs: { active: { value_count: { field: 'id' } } } };
      const found = await searchStore(setting, [endsAfter(from)], counted);
      if (!found.ok) return found;
      const { active } = found.value.aggregations;
      const value = isObject(active) && typeof active['value'] === 'number' ? active['value'] : 0;
      return { ok: true, value } satisfies StoreAnswer<number>;
    },
    prune: (before) =>
      removeFound(setting.wire, setting.index, [
        { term: { namespace: setting.namespace } },
        { range: { ends_at: { lt: before, format: 'epoch_millis' } } },
      ]),
  };
}

function endsAfter(from: number): JsonObject {
  return { range: { ends_at: { gt: from, format: 'epoch_millis' } } };
}

function storedReceived({ source }: FoundDocument): { readonly id: string; readonly body: unknown } {
  const { id, body } = isObject(source) ? source : {};
  return { id: String(id ?? ''), body };
}
