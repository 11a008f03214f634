import { embeddedBackend } from '../backends/embedded/backend.ts';
import { createDocuments } from '../backends/embedded/documents.ts';
import { embeddedRanges } from '../backends/embedded/ranges.ts';
import type { JsonObject } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { RangeSearch } from '../search/range/range-query.ts';
import type { Search } from '../search/search.ts';
import type { TestDocument } from './make-documents.ts';

/** What a test needs a place for. */
export interface TestWorld {
  readonly documents: readonly TestDocument[];
  readonly mapping: JsonObject | undefined;
  readonly rules: readonly Rule[];
}

/** Where the documents of one test are searched. */
export interface TestBackend {
  readonly search: Search;
  /** What charts are drawn of; without it there are none. */
  readonly ranges?: RangeSearch;
  /** Notified before each turn: what arrives until then can be found from now on. Rejects when it cannot be. */
  advance(now: Instant): Promise<void>;
  /** Removes what was made. */
  close(): Promise<void>;
}

/** Opens a place for one test: in memory, or on a cluster. Rejects when it cannot. */
export type OpenTestBackend = (world: TestWorld) => Promise<TestBackend>;

/** Opens the embedded backend: documents are hidden until their time of arrival. */
export const openEmbedded: OpenTestBackend = async ({ documents, mapping }) => {
  const store = createDocuments(mapping === undefined ? {} : { mapping });
  store.add(documents);
  let time: Instant = Number.NEGATIVE_INFINITY;
  const { search } = embeddedBackend({ documents: store, now: () => time });
  return {
    search,
    ranges: embeddedRanges(store, search),
    advance: async (now) => {
      time = now;
    },
    close: async () => undefined,
  };
};
