import { isObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import { iso } from '../../../core/time.ts';
import type { GroupRow } from '../../../search/answer.ts';
import type { GroupsQuery } from '../../../search/query.ts';
import { queryOf, searchBody } from './body.ts';
import { lacking } from './rows.ts';
import type { Found, Step } from './step.ts';

/** A question for groups, and which of its fields are dates in every index, as far as that is known. */
export type DatedGroups = GroupsQuery & { readonly dates?: readonly string[] };

/** A date since 1973, in milliseconds, is at least this much. */
const FIRST_DATE = 100_000_000_000;

/**
 * Says whether a `composite` key may be a date: it gives dates as bare numbers. If the types of fields are known, that distinguishes them from other
 * numbers; elsewhere the size does.
 */
export function mayBeDate({ dates = [] }: DatedGroups, field: string, key: unknown): boolean {
  return typeof key === 'number' && Number.isSafeInteger(key) && (Math.abs(key) >= FIRST_DATE || dates.includes(field));
}

/** Asks of each field that may be a date for one value as its mapping writes it, and then goes on with the rows written alike. */
export function askDates(
  query: GroupsQuery,
  fields: readonly string[],
  rows: readonly GroupRow[],
  next: (rows: readonly GroupRow[]) => Step,
): Step {
  const [field, ...rest] = fields;
  if (field === undefined) return next(rows);
  const body = searchBody(query.source, queryOf(query, { exists: { field } }), {
    size: 1,
    _source: false,
    sort: ['_doc'],
    docvalue_fields: [{ field }],
  });
  return {
    kind: 'ask',
    search: { kind: 'search', source: query.source, body },
    read: (found) => {
      const value = valueIn(found, field);
      if (value === undefined) return lacking(`value of ${field}`);
      // Dates are written as text, numbers are not.
      return askDates(query, rest, typeof value === 'string' ? rows.map((row) => withDate(row, field)) : rows, next);
    },
  };
}

/** The value that came: a row has it, so a document of the window has one. */
function valueIn(found: Found, field: string): string | number | bigint | undefined {
  const [hit] = found.hits;
  const fields = isObject(hit) && isObject(hit['fields']) ? hit['fields'] : {};
  const values = own(fields, field);
  const value: unknown = Array.isArray(values) ? values[0] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

function withDate(row: GroupRow, field: string): GroupRow {
  const value = own(row.group, field);
  const time = Number(value);
  return value === null || !(Math.abs(time) <= 8.64e15) ? row : { ...row, group: { ...row.group, [field]: iso(time) } };
}
