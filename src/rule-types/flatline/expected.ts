import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Group } from '../../search/query.ts';
import type { ReadTools } from '../rule-type.ts';

/** Reads the key `expect`: texts with one `group_by` field, objects with several; what does not fit `group_by` is reported. */
export function readExpected(value: unknown, tools: ReadTools): readonly Group[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  if (entries.length > 0 && tools.groupBy.length === 0) {
    tools.problem('expect', '`expect` needs `group_by`', 'set `group_by`, or remove `expect`');
    return [];
  }
  return entries.flatMap((entry, index) => expectedGroup(entry, `expect[${index}]`, tools));
}

function expectedGroup(entry: unknown, path: string, tools: ReadTools): readonly Group[] {
  const { groupBy } = tools;
  const [only] = groupBy;
  if (!isObject(entry)) {
    if (groupBy.length === 1 && only !== undefined && isPlain(entry)) return [{ [only]: String(entry) }];
    tools.problem(path, `expected an object with ${groupBy.join(', ')}`, 'one value for each field of `group_by`');
    return [];
  }
  const extra = Object.keys(entry).find((field) => !groupBy.includes(field));
  if (extra !== undefined)
    tools.problem(`${path}.${extra}`, `\`${extra}\` is not in \`group_by\``, `known: ${groupBy.join(', ')}`);
  const lacking = groupBy.filter((field) => !isPlain(own(entry, field)));
  if (lacking.length > 0) tools.problem(path, `expected a value for ${lacking.join(', ')}`, 'one for each field of `group_by`');
  if (extra !== undefined || lacking.length > 0) return [];
  return [Object.fromEntries(groupBy.map((field) => [field, String(own(entry, field))]))];
}

function isPlain(value: unknown): value is string | number | bigint | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}
