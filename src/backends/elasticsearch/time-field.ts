import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { type Duration, systemClock } from '../../core/time.ts';
import type { Source } from '../../search/query.ts';
import { type SearchProblem, searchProblem } from '../../search/search-problem.ts';
import { fieldCaps, isDateType } from './field-caps.ts';
import type { Wire } from './wire.ts';

/** Looks whether sources have their time field, and whether it is a date in each of their indices. */
export interface TimeFields {
  /**
   * What is wrong with the time field of a source; undefined when nothing is, or when that cannot be found out now. `found` says whether a search
   * over it found documents: then the field is mapped somewhere, and an index in which it is not a date may still hide its own documents.
   */
  problemOf(source: Source, found: boolean, signal: AbortSignal): Promise<SearchProblem | undefined>;
}

/** How long it is believed that a source has its dates: a new index may come with another mapping. */
const BELIEVED: Duration = 10 * 60_000;

/**
 * A window over a field that is mapped nowhere, or that is not a date, never matches anything, without an error: that would read as "no
 * events". So sources are looked at when they are first asked, and again from time to time.
 */
export function timeFields(wire: Wire, monotonic: () => number = systemClock.monotonic): TimeFields {
  const good = new Map<string, number>();
  return {
    problemOf: async (source, found, signal) => {
      const key = JSON.stringify([source.indices, source.timeField]);
      const seen = good.get(key);
      if (seen !== undefined && monotonic() - seen < BELIEVED) return undefined;
      const types = await typesOf(wire, source, signal);
      if (types === undefined) return undefined;
      const problem = strangeType(source, types) ?? (types.length === 0 && !found ? unmapped(source) : undefined);
      if (problem === undefined && types.length > 0) good.set(key, monotonic());
      return problem;
    },
  };
}

/** One type that a field has, and the indices in which it has it; undefined: in all that map it. */
interface MappedType {
  readonly type: string;
  readonly indices: readonly string[] | undefined;
}

async function typesOf(wire: Wire, source: Source, signal: AbortSignal): Promise<readonly MappedType[] | undefined> {
  const { timeField } = source;
  const found = await fieldCaps(wire, source, [timeField], signal);
  if (found?.hasIndices !== true) return undefined;
  const types = own(found.fields, timeField);
  if (!isObject(types)) return [];
  return Object.entries(types).map(([type, caps]) => ({ type, indices: isObject(caps) ? namesOf(caps['indices']) : undefined }));
}

function namesOf(indices: unknown): readonly string[] | undefined {
  if (typeof indices === 'string') return [indices];
  return Array.isArray(indices) ? indices.map(String) : undefined;
}

/** Where data comes and goes, an index may be there before its first document brings the field. */
function unmapped({ indices, timeField, ignoreMissingIndex }: Source): SearchProblem | undefined {
  if (ignoreMissingIndex) return undefined;
  return searchProblem('no_field', `the time field ${timeField} is mapped in none of ${indices.join(', ')}`);
}

/** What `_field_caps` says of indices that do not have the field. */
const UNMAPPED = 'unmapped';
const SHOWN = 3;

function strangeType({ indices, timeField }: Source, types: readonly MappedType[]): SearchProblem | undefined {
  const strange = types.find(({ type }) => !isDateType(type) && type !== UNMAPPED);
  if (strange === undefined) return undefined;
  const names = strange.indices ?? indices;
  const where = names.length > SHOWN ? `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more` : names.join(', ');
  const message =
    `the time field ${timeField} is ${strange.type} in ${where}, expected a date: no window finds the documents there; map it as date, ` +
    'for numbers with a `format` such as epoch_second, or name another `time_field`';
  return searchProblem('bad_mapping', message);
}
