import { isObject } from '../../core/json.ts';
import type { Source } from '../../search/query.ts';
import { succeeded, type Wire } from './wire.ts';

/** How fields are mapped in the indices of a source, as `_field_caps` says it. */
interface FieldCaps {
  /** By name, then by type; a pattern is answered with the names that it matches. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** There are indices; those that are missing are left out. */
  readonly hasIndices: boolean;
}

/** Asks how fields are mapped; undefined: that cannot be found out now. */
export async function fieldCaps(
  wire: Wire,
  { indices }: Pick<Source, 'indices'>,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<FieldCaps | undefined> {
  const path = `/${encodeURIComponent(indices.join(','))}/_field_caps`;
  const query = { fields: fields.join(','), ignore_unavailable: true };
  const reply = await wire.send({ method: 'GET', path, query, timeout: wire.requestTimeout, signal, repeatable: true });
  if (!succeeded(reply) || !isObject(reply.body) || !isObject(reply.body['fields'])) return undefined;
  const { indices: found } = reply.body;
  return { fields: reply.body['fields'], hasIndices: !Array.isArray(found) || found.length > 0 };
}

/** Says whether a type is one of dates. */
export function isDateType(type: string | undefined): boolean {
  return type === 'date' || type === 'date_nanos';
}
