import { canonicalJson, isObject, type Json } from '../core/json.ts';
import { own } from '../core/record.ts';

/** One key of a rule that two versions have differently; a side that does not have it is undefined. */
export interface KeyChange {
  /** `labels.severity`, `metrics.used.max`. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Where two versions of a rule differ, key by key, mappings and lists of mappings down to their values; other lists, and lists of another length, as a whole. */
export function keyChanges(before: unknown, after: unknown, path = ''): readonly KeyChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => keyChanges(own(before, key), own(after, key), path === '' ? key : `${path}.${key}`));
  }
  // Levels and the like: as many as before are the same ones, in their order.
  if (isListOfObjects(before) && isListOfObjects(after) && before.length === after.length)
    return before.flatMap((item, index) => keyChanges(item, after[index], `${path}[${index}]`));
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null) && (before === undefined) === (after === undefined))
    return [];
  return [{ path, before: before as Json | undefined, after: after as Json | undefined }];
}

function isListOfObjects(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject);
}
