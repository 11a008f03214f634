import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { iso } from '../../core/time.ts';
import { numericType, parseNumeric } from '../../search/numeric-types.ts';
import type { Group, GroupsQuery, Source } from '../../search/query.ts';
import { type SearchProblem, searchProblem } from '../../search/search-problem.ts';
import type { FieldTypes } from './field-types.ts';
import { sendSearches } from './msearch.ts';
import { normalizedValues, type ReadValues } from './normalized-values.ts';
import { searchBody } from './questions/body.ts';
import { isTime } from './questions/rows.ts';
import type { Found } from './questions/step.ts';
import type { Wire } from './wire.ts';

/** The groups of a question's `named`, in order, or why that cannot be found out now. */
type NamedAnswer =
  | { readonly ok: true; readonly groups: readonly Group[] }
  | { readonly ok: false; readonly problem: SearchProblem };

/** Gives groups that a person wrote the values by which Elasticsearch knows them. */
export interface NamedGroups {
  /** The groups of `named` as answers have them; a value that its field does not understand is left as it was written. */
  of(query: GroupsQuery, signal: AbortSignal): Promise<NamedAnswer>;
}

/**
 * A field compares its values in its own way: `2001:DB8:0:0:0:0:0:1` is `2001:db8::1`, and `2026-01-01` a whole date. Elasticsearch itself says
 * which value is meant: as the bound of an empty range, which it writes back, or for keywords as the term that it looks for.
 */
export function namedGroups(wire: Wire, types: FieldTypes): NamedGroups {
  const known = new Map<string, ReadonlyMap<string, string>>();
  return {
    of: async ({ source, groupBy, named = [] }, signal) => {
      if (named.length === 0) return { ok: true, groups: named };
      const byField = await types.of(source, groupBy, signal);
      if (byField === undefined)
        return { ok: false, problem: searchProblem('bad_answer', 'the types of the fields are missing') };
      const written = new Map<string, ReadonlyMap<string, string>>();
      for (const field of groupBy) {
        const type = byField.get(field) ?? '';
        const values = [...new Set(named.flatMap((group) => own(group, field) ?? []))];
        const key = JSON.stringify([source.indices, field, type, values]);
        const before = known.get(key);
        const read = before === undefined ? await readValues(wire, source, { field, type, values }, signal) : undefined;
        if (read?.ok === false) return read;
        const found = before ?? read?.values ?? new Map<string, string>();
        known.set(key, found);
        written.set(field, found);
      }
      const groups = named.map((group) =>
        Object.fromEntries(groupBy.map((field) => [field, writtenValue(own(group, field) ?? null, written.get(field))])),
      );
      return { ok: true, groups };
    },
  };
}

function writtenValue(value: string | null, written: ReadonlyMap<string, string> | undefined): string | null {
  return value === null ? null : (written?.get(value) ?? value);
}

interface Values {
  readonly field: string;
  readonly type: string;
  readonly values: readonly string[];
}

async function readValues(wire: Wire, source: Source, { field, type, values }: Values, signal: AbortSignal): Promise<ReadValues> {
  if (type === 'keyword') return normalizedValues(wire, source, { field, values }, signal);
  const aggregation = own(RANGES, type);
  if (aggregation === undefined) return { ok: true, values: new Map(values.map((value) => [value, plainValue(type, value)])) };
  const query = { match_none: {} };
  const aggs = Object.fromEntries(
    values.map((value, at) => [`v${at}`, { [aggregation]: { field, ranges: [{ from: value }] } }] as const),
  );
  const search = { kind: 'search', source, body: searchBody(source, query, { aggs }) } as const;
  const [read] = await sendSearches(wire, [search], { searchesARequest: 1, requestsAtOnce: 1 }, signal);
  if (read?.kind === 'found') return boundsIn(values, read.found);
  if (read?.kind === 'problem' && read.problem.transient) return { ok: false, problem: read.problem };
  if (values.length === 1 || read?.kind !== 'problem') return { ok: true, values: new Map() };
  // One value that the field cannot read must not take the others with it.
  const each = new Map<string, string>();
  for (const value of values) {
    const one = await readValues(wire, source, { field, type, values: [value] }, signal);
    if (!one.ok) return one;
    for (const [as, is] of one.values) each.set(as, is);
  }
  return { ok: true, values: each };
}

const RANGES: Readonly<Record<string, string>> = {
  ip: 'ip_range',
  date: 'date_range',
  date_nanos: 'date_range',
};

/** Numbers as aggregations write them: `1.0` of a long is 1, and `1e3` is 1000. */
function plainValue(type: string, value: string): string {
  // By how much a `scaled_float` is rounded, its type alone does not say.
  const numeric = numericType(type === 'scaled_float' ? 'double' : type);
  const number = numeric === undefined ? undefined : parseNumeric(numeric, value);
  const stored = number === undefined ? undefined : numeric?.store(number);
  return stored === undefined ? value : String(stored);
}

function boundsIn(values: readonly string[], { aggregations }: Found): ReadValues {
  const bounds = values.map((value, at) => boundOf(value, aggregations[`v${at}`]));
  if (bounds.every((bound) => bound !== undefined)) return { ok: true, values: new Map(bounds) };
  return { ok: false, problem: searchProblem('bad_answer', 'the response has no bounds of ranges') };
}

function boundOf(value: string, aggregation: unknown): readonly [string, string] | undefined {
  const buckets = isObject(aggregation) ? aggregation['buckets'] : undefined;
  const [bucket]: readonly unknown[] = Array.isArray(buckets) ? buckets : [];
  const from = isObject(bucket) ? bucket['from'] : undefined;
  if (typeof from === 'string') return [value, from];
  // What no date of JavaScript can be is left as it was written.
  return typeof from === 'number' ? [value, isTime(from) ? iso(from) : value] : undefined;
}
