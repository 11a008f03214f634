import { isObject } from '../../../core/json.ts';
import type { Instant } from '../../../core/time.ts';
import type { ConversationDocument } from '../../../notifications/conversation.ts';
import type { Conversations } from '../../../notifications/conversations.ts';
import { fencedDocuments } from './fenced-documents.ts';
import { idsOf, type StoreSearch, type StoreSetting, searchStore } from './store-requests.ts';
import { type ReadBody, readBody, type Shape } from './stored-shape.ts';

const SHAPE: Shape = {
  receiver: 'string',
  destination: 'string',
  route: 'string',
  group_labels: 'object',
  taken: 'object',
  alerts: 'object',
  untold: 'array',
  refused: 'array',
  sending: 'object?',
  told_at: 'number?',
  due: 'number?',
  retry: 'object or absent',
  remainders: 'array or absent',
  leaving: 'object or absent',
};

/** The documents of `tocsin-conversations`. */
export function conversations(setting: StoreSetting): Conversations {
  const documents = fencedDocuments<ConversationDocument>(setting, {
    indexed: ({ receiver, due }) => ({ receiver, due }),
    read: readConversation,
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
    due: async (before, limit) => {
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

const RETRY: Shape = { v: 'number', attempts: 'number', failed_at: 'number', next_at: 'number?' };
const LEAVING: Shape = { v: 'number', since: 'number', n: 'number', entries: 'array' };
const REMAINDER: Shape = {
  ...{ v: 'number', message: 'string', recipients: 'array', facts: 'object', since: 'number', attempts: 'number' },
  ...{ retry_at: 'number', thread: 'object?' },
};

/** Also what later versions added, which decides when something is sent. */
function readConversation(body: unknown): ReadBody<ConversationDocument> {
  const read = readBody<ConversationDocument>(body, SHAPE);
  if (!read.ok) return read;
  const { v, retry, remainders = [], leaving } = read.document;
  const parts = [
    ...(retry === undefined ? [] : [readBody({ ...retry, v }, RETRY)]),
    ...(leaving === undefined ? [] : [readBody({ ...leaving, v }, LEAVING)]),
    ...remainders.map((one) => readBody({ ...one, v }, REMAINDER)),
  ];
  return parts.find((part): part is ReadBody<never> & { readonly ok: false } => !part.ok) ?? read;
}

/** The first one beyond the limit if there is one, else the first one after the time. */
function nextOf(found: StoreSearch, limit: number): Instant | undefined {
  const beyond = found.documents[limit]?.sort[0];
  if (typeof beyond === 'number') return beyond;
  const later = found.aggregations['later'];
  const next = isObject(later) ? later['next'] : undefined;
  return isObject(next) && typeof next['value'] === 'number' ? next['value'] : undefined;
}
