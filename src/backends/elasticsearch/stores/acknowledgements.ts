import { isObject, type Json } from '../../../core/json.ts';
import { readApart } from '../../../core/read-apart.ts';
import { type Acknowledgement, type Acknowledgements, acknowledgementsRead } from '../../../notify/acknowledgements.ts';
import { ACKNOWLEDGEMENT } from '../../../state/acknowledgement.ts';
import { indexedOf } from '../../../state/stored-kind.ts';
import { writeBulk } from './bulk.ts';
import { documentId } from './document-id.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { removeFound } from './remove-found.ts';
import { pathOf, type StoreSetting, searchStore } from './store-requests.ts';

/** One page of a search. Of more, the newest count: an alert whose acknowledgement is left out is reminded of. */
const MOST = 10_000;

/** The documents of `tocsin-acknowledgements`: made by people, so that a put is seen by the next list. */
export function acknowledgements(setting: StoreSetting): Acknowledgements {
  const documents = fencedDocuments<Acknowledgement>(setting, {
    indexed: (acknowledgement) => indexedOf(ACKNOWLEDGEMENT, acknowledgement),
    read: ACKNOWLEDGEMENT.read,
  });
  return {
    list: async (from) => {
      const recent = { range: { at: { gt: from, format: 'epoch_millis' } } };
      const found = await searchStore(setting, [recent], { size: MOST, _source: true, sort: [{ at: 'desc' }] });
      if (!found.ok) return found;
      const stored = found.value.documents.map(({ source }) => {
        const { id, body } = isObject(source) ? source : {};
        return { id: String(id ?? ''), body };
      });
      return acknowledgementsRead(stored, (id) => `the acknowledgement of alert ${id} in ${setting.index}`);
    },
    put: async (all) => {
      // Makes the index where it is missing: a write alone would make one without its mapping.
      const ready = await setting.ensureIndex();
      if (!ready.ok) return ready;
      const stored = await readApart(
        all.map(({ alert }) => alert),
        (ids) => documents.load(ids),
      );
      if (!stored.ok) return stored;
      const { unreadable, replaceable } = stored.value;
      const [kept] = [...unreadable].filter(([alert]) => !replaceable.has(alert));
      if (kept !== undefined) return { ok: false, message: kept[1] };
      const writes = all.map((acknowledgement) => {
        const { alert } = acknowledgement;
        const indexed = indexedOf(ACKNOWLEDGEMENT, acknowledgement);
        const document = { namespace: setting.namespace, id: alert, ...indexed, body: acknowledgement as unknown as Json };
        return { action: { index: { _id: documentId(setting.namespace, alert) } }, document };
      });
      const results = await writeBulk(setting.wire, { path: pathOf(setting.index, '_bulk'), refresh: true }, writes);
      const failed = all.flatMap((_, index) => {
        const saved = results[index];
        if (saved?.kind === 'saved') return [];
        return [saved !== undefined && 'message' in saved ? saved.message : 'it was not saved'];
      });
      return failed[0] === undefined ? { ok: true, value: undefined } : { ok: false, message: failed[0] };
    },
    prune: (before) =>
      removeFound(setting.wire, setting.index, [
        { term: { namespace: setting.namespace } },
        { range: { at: { lt: before, format: 'epoch_millis' } } },
      ]),
  };
}
