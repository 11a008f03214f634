import type { Unit } from '../core/units.ts';
import type { Source } from './query.ts';

/** The units that a source names for fields, of those that it names one for. Undefined: that cannot be found out now. */
export type FieldUnits = (
  source: Source,
  fields: readonly string[],
  signal: AbortSignal,
) => Promise<Readonly<Record<string, Unit>> | undefined>;
