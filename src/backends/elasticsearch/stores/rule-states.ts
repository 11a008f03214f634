import type { RuleId } from '../../../core/ids.ts';
import type { StoreAnswer, Version } from '../../../core/stored.ts';
import type { Instant } from '../../../core/time.ts';
import type { RuleDocument, RuleStates } from '../../../evaluation/rule-states.ts';
import { RULE, readRuleDocument } from '../../../state/rule-document.ts';
import { indexedOf } from '../../../state/stored-kind.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { idsOf, type StoreSearch, type StoreSetting, searchStore } from './store-requests.ts';

/** The documents of `tocsin-rules`. */
export function ruleStates(setting: StoreSetting): RuleStates {
  const documents = fencedDocuments<RuleDocument>(setting, {
    indexed: (document) => indexedOf(RULE, document),
    read: readRuleDocument,
  });
  const byId = { fields: ['id'], sort: [{ id: 'asc' }] };
  const page = (limit: number, after: string | undefined) => ({
    size: limit,
    ...(after !== undefined && { search_after: [after] }),
  });
  const progressFields = { fields: ['id', { field: 'evaluated_through', format: 'epoch_millis' }], sort: byId.sort };
  return {
    load: documents.load,
    save: documents.save,
    remove: documents.remove,
    list: async (limit, after) => ids(await searchStore(setting, [], { ...byId, ...page(limit, after) })),
    progress: async (limit, after) => progressIn(await searchStore(setting, [], { ...progressFields, ...page(limit, after) })),
    firing: async (limit, after) => {
      const firing = { ...byId, ...page(limit, after), seq_no_primary_term: true };
      return versionsIn(await searchStore(setting, [{ term: { firing: true } }], firing));
    },
    outboxes: async (limit) => ids(await searchStore(setting, [{ term: { hasOutbox: true } }], { ...byId, size: limit })),
  };
}

function ids(found: StoreAnswer<StoreSearch>): StoreAnswer<readonly string[]> {
  return found.ok ? { ok: true, value: idsOf(found.value) } : found;
}

function versionsIn(found: StoreAnswer<StoreSearch>): StoreAnswer<ReadonlyMap<RuleId, Version>> {
  if (!found.ok) return found;
  const { documents } = found.value;
  const ids = idsOf(found.value);
  const versions = documents.flatMap(({ version }) => version ?? []);
  if (ids.length < documents.length || versions.length < documents.length)
    return { ok: false, message: 'the search for rules that fire found a document without an id or a version' };
  return { ok: true, value: new Map(documents.flatMap(({ version }, index) => entry(ids[index], version))) };
}

function entry<K, V>(key: K | undefined, value: V | undefined): readonly (readonly [K, V])[] {
  return key === undefined || value === undefined ? [] : [[key, value]];
}

function progressIn(found: StoreAnswer<StoreSearch>): StoreAnswer<ReadonlyMap<RuleId, Instant>> {
  if (!found.ok) return found;
  const { documents } = found.value;
  const ids = idsOf(found.value);
  // A document without an id is none of Tocsin's.
  if (ids.length < documents.length) return { ok: false, message: 'the search for rule documents found one without an id' };
  const ticks = documents.map(({ fields }) =>
    Number(Array.isArray(fields['evaluated_through']) ? fields['evaluated_through'][0] : undefined),
  );
  return { ok: true, value: new Map(ids.map((id, index) => [id, ticks[index] ?? Number.NaN])) };
}
