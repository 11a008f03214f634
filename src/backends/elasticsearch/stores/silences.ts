import { isObject, type Json } from '../../../core/json.ts';
import type { StoreAnswer } from '../../../core/stored.ts';
import type { Silence, Silences } from '../../../notifications/silences.ts';
import { writeBulk } from './bulk.ts';
import { documentId } from './document-id.ts';
import { removeFound } from './remove-found.ts';
import { pathOf, type StoreSetting, searchStore } from './store-requests.ts';
import { readBody, type Shape } from './stored-shape.ts';

const SHAPE: Shape = {
  id: 'string',
  matchers: 'array',
  starts_at: 'number',
  ends_at: 'number',
  created_by: 'string',
  comment: 'string',
};

/** One page of a search; more silences than this that are not over mean that something makes them. */
const MOST = 10_000;

/** The documents of `tocsin-silences`. Silences are few and made by people, so that a put is seen by the next list. */
export function silences(setting: StoreSetting): Silences {
  return {
    list: async (from) => {
      const running = { range: { ends_at: { gt: from, format: 'epoch_millis' } } };
      const found = await searchStore(setting, [running], { size: MOST, _source: true });
      if (!found.ok) return found;
      if (found.value.documents.length === MOST)
        return { ok: false, message: `${setting.index} holds ${MOST} or more silences that are not over` };
      return readAll(
        setting,
        found.value.documents.map(({ source }) => source),
      );
    },
    prune: (before) =>
      removeFound(setting.wire, setting.index, [
        { term: { namespace: setting.namespace } },
        { range: { ends_at: { lt: before, format: 'epoch_millis' } } },
      ]),
    put: async (silence) => {
      const _id = documentId(setting.namespace, silence.id);
      const { id, starts_at, ends_at } = silence;
      const document = { namespace: setting.namespace, id, starts_at, ends_at, body: silence as unknown as Json };
      const [saved] = await writeBulk(setting.wire, { path: pathOf(setting.index, '_bulk'), refresh: true }, [
        { action: { index: { _id } }, document },
      ]);
      if (saved?.kind === 'saved') return { ok: true, value: undefined };
      return { ok: false, message: saved !== undefined && 'message' in saved ? saved.message : 'the silence was not saved' };
    },
  };
}

function readAll(setting: StoreSetting, sources: readonly unknown[]): StoreAnswer<readonly Silence[]> {
  const all: Silence[] = [];
  for (const source of sources) {
    const read = readBody<Silence>(isObject(source) ? source['body'] : undefined, SHAPE);
    if (!read.ok)
      return {
        ok: false,
        message: `silence ${isObject(source) ? String(source['id']) : '?'} of ${setting.index} ${read.message}`,
      };
    all.push(read.document);
  }
  return { ok: true, value: all };
}
