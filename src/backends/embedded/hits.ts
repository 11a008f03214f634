import { nameTest } from '../../core/glob.ts';
import { readable } from '../../core/integers.ts';
import type { Json } from '../../core/json.ts';
import type { Fields, HitRow } from '../../search/answer.ts';
import type { HitsQuery } from '../../search/query.ts';
import { leavesOf, type StoredDocument, showTerm, type Term, termValue, toTerm } from './column.ts';
import { DOC_COUNT, type DocumentStore } from './documents.ts';
import type { FieldType } from './field-type.ts';
import type { Filters } from './filters.ts';

/** Index that a hit names when its document belongs to every index. */
const ANY_INDEX = 'documents';

/**
 * The newest documents with their fields, of documents that come oldest first; equal times stay in the order of insertion. A pattern shows
 * multi-fields and other names too, as in Elasticsearch.
 */
export function newestHits(
  query: HitsQuery,
  documents: DocumentStore,
  filters: Filters,
  within: readonly StoredDocument[],
): readonly HitRow[] {
  const time = (document: StoredDocument) => documents.time(document, query.source.timeField) ?? 0;
  const names = new Set(query.fields.flatMap((field) => (field.includes('*') ? namesOf(field, documents) : [field])));
  const isFirst = query.first === undefined ? undefined : filters.of(query.first);
  const rank = (document: StoredDocument) => (isFirst === undefined || isFirst(document) ? 0 : 1);
  return [...within]
    .sort((a, b) => rank(a) - rank(b) || time(b) - time(a))
    .slice(0, query.limit)
    .map((document) => ({
      id: document.id,
      index: document.index ?? ANY_INDEX,
      at: Math.floor(time(document)),
      fields: fieldsOf(document, documents, names, query.keys ?? []),
    }));
}

function namesOf(pattern: string, { fields }: DocumentStore): readonly string[] {
  return [...fields.matching(pattern), ...(nameTest(pattern)(DOC_COUNT) ? [DOC_COUNT] : [])];
}

function fieldsOf(document: StoredDocument, documents: DocumentStore, names: Iterable<string>, keys: readonly string[]): Fields {
  const shown: [string, readonly Json[]][] = [];
  for (const name of names) {
    const type = documents.column(name)?.type;
    const values = valuesOf(document, name, type, type?.kind === 'date' && keys.includes(name));
    if (values.length > 0) shown.push([name, values]);
  }
  return Object.fromEntries(shown);
}

function shownValue(type: FieldType, term: Term): ReturnType<typeof termValue> {
  return type.numeric?.shown !== undefined && typeof term !== 'string' ? type.numeric.shown(term) : termValue(type, term);
}

/** Values as their field writes them; those of a field that cannot be searched are unchanged. */
function valuesOf(document: StoredDocument, name: string, type: FieldType | undefined, asKey: boolean): readonly Json[] {
  if (type === undefined || type.kind === 'other') return (document.leaves.get(name) ?? []).map(readable);
  return leavesOf(document, name, type).flatMap((leaf) => {
    const term = toTerm(type, leaf);
    return term === undefined ? [] : [asKey ? showTerm(type, term) : readable(shownValue(type, term))];
  });
}
