import type { Answer } from '../../search/answer.ts';
import { flattenedKey } from '../../search/flattened-key.ts';
import type { Query } from '../../search/query.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import type { FieldTypes } from './field-types.ts';
import { isComposite } from './questions/groups.ts';

/**
 * Why the counts of an answer are not believed: in a `composite` Elasticsearch counts a document once for every key that its flattened object has,
 * and not only for the one that is asked about. Looked into where such an answer has rows; undefined otherwise.
 */
export async function flattenedProblem(
  types: FieldTypes,
  query: Query,
  answer: Answer,
  signal: AbortSignal,
): Promise<SearchProblem | undefined> {
  if (query.kind !== 'groups' || answer.kind === 'failed' || answer.groups.length === 0 || !isComposite(query)) return undefined;
  const objects = new Map(query.groupBy.flatMap((field) => objectsOf(field).map((object) => [object, field] as const)));
  if (objects.size === 0) return undefined;
  const found = await types.of(query.source, [...objects.keys()], signal);
  const flattened = [...objects].find(([object]) => found?.get(object) === 'flattened');
  return flattened === undefined ? undefined : flattenedKey(flattened[1], flattened[0]);
}

/** The objects in which a field may be: `a` and `a.b` for `a.b.c`. */
function objectsOf(field: string): readonly string[] {
  const parts = field.split('.');
  return parts.slice(1).map((_part, at) => parts.slice(0, at + 1).join('.'));
}
