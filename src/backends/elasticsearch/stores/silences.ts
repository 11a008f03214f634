import { isObject, type Json, type JsonObject } from '../../../core/json.ts';
import type { Version } from '../../../core/stored.ts';
import { CHANGED_MEANWHILE, type Silence, type Silences, type StoredSilence, silencesRead } from '../../../notify/silences.ts';
import { SILENCE } from '../../../state/silence.ts';
import { indexedOf } from '../../../state/stored-kind.ts';
import { writeBulk } from './bulk.ts';
import { documentId } from './document-id.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { removeFound } from './remove-found.ts';
import { type FoundDocument, pathOf, type StoreSetting, searchStore } from './store-requests.ts';

/** One page of a search; more silences than this that are not over mean that something makes them. */
const MOST = 10_000;

/** The documents of `tocsin-silences`. Silences are few and made by people, so that a put is seen by the next list. */
export function silences(setting: StoreSetting): Silences {
  const documents = fencedDocuments<Silence>(setting, {
    indexed: (silence) => indexedOf(SILENCE, silence),
    read: SILENCE.read,
  });
  return {
    get: async (id) => {
      const loaded = await documents.load([id]);
      return loaded.ok ? { ok: true, value: loaded.value.get(id) } : { ok: false, message: loaded.message };
    },
    list: async (from) => {
      const running = { range: { ends_at: { gt: from, format: 'epoch_millis' } } };
      const found = await searchStore(setting, [running], { size: MOST, _source: true });
      if (!found.ok) return found;
      if (found.value.documents.length === MOST)
        return { ok: false, message: `${setting.index} contains ${MOST} or more silences that have not expired` };
      return silencesRead(found.value.documents.map(storedSilence), (id) => `silence ${id} of ${setting.index}`);
    },
    prune: (before) =>
      removeFound(setting.wire, setting.index, [
        { term: { namespace: setting.namespace } },
        { range: { ends_at: { lt: before, format: 'epoch_millis' } } },
      ]),
    put: async (silence, over) => {
      const _id = documentId(setting.namespace, silence.id);
      const indexed = indexedOf(SILENCE, silence);
      const document = { namespace: setting.namespace, id: silence.id, ...indexed, body: silence as unknown as Json };
      const [saved] = await writeBulk(setting.wire, { path: pathOf(setting.index, '_bulk'), refresh: true }, [
        { action: { index: { _id, ...fenceOf(over) } }, document },
      ]);
      if (saved?.kind === 'saved') return { ok: true, value: undefined };
      if (saved?.kind === 'conflict') return { ok: false, message: CHANGED_MEANWHILE };
      return { ok: false, message: saved?.message ?? 'the silence was not saved' };
    },
  };
}

function fenceOf(version: Version | undefined): JsonObject {
  return version === undefined ? {} : { if_seq_no: version.seqNo, if_primary_term: version.primaryTerm };
}

function storedSilence({ source }: FoundDocument): StoredSilence {
  const { id, body } = isObject(source) ? source : {};
  return { id: typeof id === 'string' ? id : JSON.stringify(id ?? null), body };
}
