import type { StoredDocument, ValueColumn } from './column.ts';
import type { DocumentStore } from './documents.ts';
import { QueryRefusal } from './refusal.ts';

/** Says whether a document matches. */
export type Predicate = (document: StoredDocument) => boolean;

/** What a query needs to know of the documents: their fields. */
export type Lookup = Pick<DocumentStore, 'fields' | 'column'>;

/** Matches nothing. */
export const MATCH_NOTHING: Predicate = () => false;

/** Matches what any of several tests matches. */
export function anyOf(tests: readonly Predicate[]): Predicate {
  const [only] = tests;
  return tests.length === 1 && only !== undefined ? only : (document) => tests.some((test) => test(document));
}

/** What holds for a field; nothing does for one that no document has. */
export function ofField({ column }: Lookup, field: string, make: (column: ValueColumn) => Predicate): Predicate {
  const found = column(field);
  return found === undefined ? MATCH_NOTHING : make(found);
}

/** The test that `make` gives; where a value does not fit the field and the query is lenient, one that matches nothing. */
export function leniently(lenient: boolean, make: () => Predicate): Predicate {
  if (!lenient) return make();
  try {
    return make();
  } catch (refusal) {
    if (refusal instanceof QueryRefusal) return MATCH_NOTHING;
    throw refusal;
  }
}
