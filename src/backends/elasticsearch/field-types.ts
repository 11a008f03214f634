import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { type Duration, systemClock } from '../../core/time.ts';
import type { Source } from '../../search/query.ts';
import { succeeded, type Wire } from './wire.ts';

/** The types of fields of a source, as Elasticsearch names them. */
export interface FieldTypes {
  /** The type of each field that has one in all indices that map it, or is a date in all of them; the others are left out. Undefined: that cannot be found out now. */
  of(source: Source, fields: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string> | undefined>;
}

/** How long a type is believed: a new index may come with another mapping. */
const BELIEVED: Duration = 10 * 60_000;

/** Asks once for the fields of a source, and again from time to time. */
export function fieldTypes(wire: Wire, monotonic: () => number = systemClock.monotonic): FieldTypes {
  const known = new Map<string, { readonly types: ReadonlyMap<string, string>; readonly at: number }>();
  return {
    of: async ({ indices }, fields, signal) => {
      const key = JSON.stringify([indices, fields]);
      const before = known.get(key);
      if (before !== undefined && monotonic() - before.at < BELIEVED) return before.types;
      const types = await askTypes(wire, indices, fields, signal);
      if (types !== undefined && types.size > 0) known.set(key, { types, at: monotonic() });
      return types ?? before?.types;
    },
  };
}

async function askTypes(
  wire: Wire,
  indices: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | undefined> {
  const path = `/${encodeURIComponent(indices.join(','))}/_field_caps`;
  const query = { fields: fields.join(','), ignore_unavailable: true };
  const reply = await wire.send({ method: 'GET', path, query, timeout: wire.requestTimeout, signal, repeatable: true });
  const caps = succeeded(reply) && isObject(reply.body) ? reply.body['fields'] : undefined;
  if (!isObject(caps)) return undefined;
  // A pattern is answered with the names that it matches.
  const names = [...new Set([...fields.filter((field) => !field.includes('*')), ...Object.keys(caps)])];
  return new Map(
    names.flatMap((field) => {
      const capsOfField = own(caps, field);
      const types = isObject(capsOfField) ? Object.keys(capsOfField).filter((type) => type !== 'unmapped') : [];
      const [type] = types;
      return type !== undefined && (types.length === 1 || types.every(isDateType)) ? [[field, type] as const] : [];
    }),
  );
}

/** Says whether a type is one of dates. */
export function isDateType(type: string | undefined): boolean {
  return type === 'date' || type === 'date_nanos';
}
