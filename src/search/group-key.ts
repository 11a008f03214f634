import { own } from '../core/record.ts';
import type { Group } from './query.ts';

/** In place of `group_by`: the groups of a rule are label sets, whatever their names. */
export const ALL_LABELS: readonly string[] = Object.freeze(['*']);

/** Whether a group has the fields of `groupBy` and no others. */
export function hasFieldsOf(groupBy: readonly string[], group: Group): boolean {
  if (groupBy === ALL_LABELS) return true;
  const fields = Object.keys(group);
  return fields.length === groupBy.length && groupBy.every((field) => Object.hasOwn(group, field));
}

/** A group as one string, equal for equal groups: its values in the order of `group_by`. */
export function groupKey(groupBy: readonly string[], group: Group): string {
  // Most rules have no groups, and ask for this several times a window.
  const [field] = groupBy;
  if (field === undefined) return '[]';
  if (groupBy === ALL_LABELS) return keyOfAll(group);
  if (groupBy.length > 1) return JSON.stringify(groupBy.map((each) => own(group, each) ?? null));
  return keyOfOne(own(group, field) ?? null);
}

/** Whether two groups have the same key, without making it: to find one group among thousands. */
export function isSameGroup(groupBy: readonly string[], a: Group, b: Group): boolean {
  if (groupBy === ALL_LABELS) return keyOfAll(a) === keyOfAll(b);
  return groupBy.every((field) => (own(a, field) ?? null) === (own(b, field) ?? null));
}

function keyOfAll(group: Group): string {
  return JSON.stringify(Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Keys of single values that were met of late: the groups of a rule come again in every window. */
const keys = new Map<string | null, string>();
const KEYS_KEPT = 10_000;

function keyOfOne(value: string | null): string {
  const known = keys.get(value);
  if (known !== undefined) return known;
  if (keys.size >= KEYS_KEPT) keys.clear();
  const key = JSON.stringify([value]);
  keys.set(value, key);
  return key;
}

/** The group that a key of `groupKey` was made of; undefined if the text is not a key for these fields. */
export function groupOfKey(groupBy: readonly string[], key: string): Group | undefined {
  const values: unknown = parsed(key);
  if (groupBy === ALL_LABELS) return labelsOfKey(values);
  if (!Array.isArray(values) || values.length !== groupBy.length) return undefined;
  if (!values.every((value): value is string | null => value === null || typeof value === 'string')) return undefined;
  return Object.fromEntries(groupBy.map((field, index) => [field, values[index] ?? null]));
}

function labelsOfKey(values: unknown): Group | undefined {
  const isPair = (one: unknown): one is [string, string] =>
    Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === 'string');
  return Array.isArray(values) && values.every(isPair) ? Object.fromEntries(values) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Groups without repetition, in the order of their first appearance, by key. */
export function distinctGroups(groupBy: readonly string[], groups: Iterable<Group>): ReadonlyMap<string, Group> {
  const distinct = new Map<string, Group>();
  for (const group of groups) {
    const key = groupKey(groupBy, group);
    if (!distinct.has(key)) distinct.set(key, group);
  }
  return distinct;
}
