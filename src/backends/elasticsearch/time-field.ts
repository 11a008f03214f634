import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Source } from '../../search/query.ts';
import { type SearchProblem, searchProblem } from '../../search/search-problem.ts';
import { succeeded, type Wire } from './wire.ts';

/** Looks whether sources have their time field at all. */
export interface TimeFields {
  /** The problem of a source whose time field no index maps; undefined when one does, or when that cannot be found out now. */
  problemOf(source: Source, signal: AbortSignal): Promise<SearchProblem | undefined>;
}

/**
 * A window over a field that is mapped nowhere matches nothing, for ever, without an error: that would read as "no events". So
 * whoever finds nothing asks here; a source that was found to have its field is not asked about again.
 */
export function timeFields(wire: Wire): TimeFields {
  const known = new Set<string>();
  return {
    problemOf: async (source, signal) => {
      const key = JSON.stringify([source.indices, source.timeField]);
      // Where data comes and goes, an index may be there before its first document brings the field.
      if (source.ignoreMissingIndex || known.has(key)) return undefined;
      const isMapped = await askForField(wire, source, signal);
      if (isMapped) known.add(key);
      if (isMapped !== false) return undefined;
      return searchProblem('no_field', `the time field ${source.timeField} is mapped in none of ${source.indices.join(', ')}`);
    },
  };
}

async function askForField(wire: Wire, { indices, timeField }: Source, signal: AbortSignal): Promise<boolean | undefined> {
  const reply = await wire.send({
    method: 'GET',
    path: `/${encodeURIComponent(indices.join(','))}/_field_caps`,
    query: { fields: timeField, ignore_unavailable: true },
    timeout: wire.requestTimeout,
    signal,
    repeatable: true,
  });
  if (!succeeded(reply) || !isObject(reply.body) || !isObject(reply.body['fields'])) return undefined;
  const { indices: found, fields } = reply.body;
  return Array.isArray(found) && found.length === 0 ? undefined : own(fields, timeField) !== undefined;
}
