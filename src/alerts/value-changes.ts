import type { Json } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Entry, ValueChange } from './entry.ts';

export type { ValueChange } from './entry.ts';

/** The change of a value that an entry reports, of rules of the type `change`; undefined for every other entry. */
export function valueChangeOf({ kind, values }: Pick<Entry, 'kind' | 'values'>): ValueChange | undefined {
  if ((kind !== 'firing' && kind !== 'worse') || own(values, 'changed') !== true) return undefined;
  const previous: Json | undefined = own(values, 'previous');
  const current: Json | undefined = own(values, 'current');
  return previous === undefined || current === undefined ? undefined : { previous, current };
}
