import { canonicalJson } from '../../core/json.ts';
import type { QueryDsl } from '../../search/query.ts';
import type { StoredDocument } from './column.ts';
import { compileQuery } from './compile-query.ts';
import type { DocumentStore } from './documents.ts';
import type { Predicate } from './predicate.ts';

/** Tests of documents by query; each query is compiled once, and a document is tested against it once, however many windows hold it. */
export interface Filters {
  /** Throws a Refusal where the query cannot be answered. */
  of(query: QueryDsl): Predicate;
}

/** Beyond this many, the filters kept are thrown away: a bound on memory, not a limit on questions. */
const MOST_KEPT = 1_000;

/** Makes a cache of filters over a store. What is known is forgotten when a field's type changes, since the answers may. */
export function createFilters(documents: DocumentStore): Filters {
  let byQuery = new WeakMap<QueryDsl, Predicate>();
  const byText = new Map<string, Predicate>();
  let version = documents.fields.version();
  const forget = () => {
    byQuery = new WeakMap();
    byText.clear();
    version = documents.fields.version();
  };
  return {
    of: (query) => {
      if (version !== documents.fields.version() || byText.size > MOST_KEPT) forget();
      const known = byQuery.get(query);
      if (known !== undefined) return known;
      const text = canonicalJson(query);
      const filter = byText.get(text) ?? remembering(compileQuery(query, documents));
      byText.set(text, filter);
      byQuery.set(query, filter);
      return filter;
    },
  };
}

const UNKNOWN = 0;
const NO = 1;
const YES = 2;

function remembering(test: Predicate): Predicate {
  let known = new Uint8Array(1_024);
  return (document: StoredDocument) => {
    const { ordinal } = document;
    if (ordinal >= known.length) {
      const larger = new Uint8Array(Math.max(ordinal + 1, known.length * 2));
      larger.set(known);
      known = larger;
    }
    if (known[ordinal] === UNKNOWN) known[ordinal] = test(document) ? YES : NO;
    return known[ordinal] === YES;
  };
}
