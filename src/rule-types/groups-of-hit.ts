import { textOfValue } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { HitRow } from '../search/answer.ts';
import type { Group } from '../search/query.ts';

/** The groups a document belongs to: every combination of its values of the `group_by` fields, null where it has none. */
export function groupsOfHit(groupBy: readonly string[], hit: HitRow): readonly Group[] {
  return groupBy.reduce<readonly Group[]>(
    (groups, field) => {
      const values = new Set((own(hit.fields, field) ?? []).map(textOfValue));
      const all: readonly (string | null)[] = values.size === 0 ? [null] : [...values];
      return groups.flatMap((group) => all.map((value) => ({ ...group, [field]: value })));
    },
    [{}],
  );
}
