import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { type Duration, systemClock } from '../../core/time.ts';
import type { Source } from '../../search/query.ts';
import { fieldCaps, isDateType } from './field-caps.ts';
import type { Wire } from './wire.ts';

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
      const types = await askTypes(wire, { indices }, fields, signal);
      if (types !== undefined && types.size > 0) known.set(key, { types, at: monotonic() });
      return types ?? before?.types;
    },
  };
}

async function askTypes(
  wire: Wire,
  source: Pick<Source, 'indices'>,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | undefined> {
  const found = await fieldCaps(wire, source, fields, signal);
  if (found === undefined) return undefined;
  const { fields: caps } = found;
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
