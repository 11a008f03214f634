import type { Instant } from '../../core/time.ts';
import type { Search } from '../../search/search.ts';
import { createDocuments, type DocumentStore } from './documents.ts';
import { createMemory, type MemoryStores } from './memory-stores.ts';
import { embeddedSearch } from './search.ts';

/** A whole backend in memory: documents to search, and the stores of one namespace. Its state lives as long as it is held. */
export interface EmbeddedBackend extends MemoryStores {
  readonly documents: DocumentStore;
  readonly search: Search;
}

/**
 * Makes a backend in memory; without documents, an empty store to add to. `now` hides documents until their time of arrival; `freeze` makes
 * changes of stored documents fail.
 */
export function embeddedBackend(
  options: { readonly documents?: DocumentStore; readonly now?: () => Instant; readonly freeze?: boolean } = {},
): EmbeddedBackend {
  const documents = options.documents ?? createDocuments();
  const stores = createMemory({ freeze: options.freeze ?? false }).stores('default');
  return { documents, search: embeddedSearch(documents, options.now), ...stores };
}
