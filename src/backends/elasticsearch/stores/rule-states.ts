import type { StoreAnswer } from '../../../core/stored.ts';
import type { RuleDocument, RuleStates } from '../../../cycle/rule-states.ts';
import { readRuleDocument } from '../../../state/rule-document.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { idsOf, type StoreSearch, type StoreSetting, searchStore } from './store-requests.ts';

/** The documents of `tocsin-rules`. */
export function ruleStates(setting: StoreSetting): RuleStates {
  const documents = fencedDocuments<RuleDocument>(setting, {
    indexed: ({ owes, judged_through }) => ({ owes, judged_through }),
    read: readRuleDocument,
  });
  const byId = { fields: ['id'], sort: [{ id: 'asc' }] };
  return {
    load: documents.load,
    save: documents.save,
    remove: documents.remove,
    list: async (limit, after) =>
      ids(await searchStore(setting, [], { ...byId, size: limit, ...(after !== undefined && { search_after: [after] }) })),
    owing: async (limit) => ids(await searchStore(setting, [{ term: { owes: true } }], { ...byId, size: limit })),
  };
}

function ids(found: StoreAnswer<StoreSearch>): StoreAnswer<readonly string[]> {
  return found.ok ? { ok: true, value: idsOf(found.value) } : found;
}
