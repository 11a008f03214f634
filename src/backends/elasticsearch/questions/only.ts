import { chunked } from '../../../core/chunked.ts';
import { own } from '../../../core/record.ts';
import { groupKey } from '../../../search/group-key.ts';
import { isMoment, ofValue } from '../../../search/of-value.ts';
import type { Group, GroupsQuery, QueryDsl } from '../../../search/query.ts';

/** A bool query takes 1,024 clauses on the smallest nodes. */
const GROUPS_A_SEARCH = 500;

/** Groups that are asked for in one search: some by name, or all. */
export type Portion = readonly Group[] | 'all';

/** The groups of `only` in portions that fit one search; all groups are one portion. */
export function portions(query: GroupsQuery): readonly Portion[] {
  const { only } = query;
  if (only === undefined) return ['all'];
  const unique = [...new Map(only.map((group) => [groupKey(query.groupBy, group), group])).values()];
  return chunked(unique, GROUPS_A_SEARCH);
}

/** Documents of these groups; a null is a document without the field. */
export function ofGroups(groupBy: readonly string[], groups: readonly Group[]): QueryDsl {
  const [field] = groupBy;
  const values = groups.map((group) => (field === undefined ? null : (own(group, field) ?? null)));
  if (field !== undefined && groupBy.length === 1 && values.every((value) => value !== null && !isMoment(value)))
    return { terms: { [field]: values } };
  return { bool: { should: groups.map((group) => ofGroup(groupBy, group)), minimum_should_match: 1 } };
}

function ofGroup(groupBy: readonly string[], group: Group): QueryDsl {
  const present = groupBy.flatMap((field): QueryDsl[] => {
    const value = own(group, field) ?? null;
    return value === null ? [] : [ofValue(field, value)];
  });
  const absent = groupBy.filter((field) => (own(group, field) ?? null) === null).map((field) => ({ exists: { field } }));
  return { bool: { filter: present, ...(absent.length > 0 && { must_not: absent }) } };
}
