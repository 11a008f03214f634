import type { Json } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Entry, ValueChange } from '../state/entry.ts';

export type { Entry, StoredEvidence, StoredLogLine, ValueChange } from '../state/entry.ts';

/** Says whether an entry ends its alert's episode in this alert group. */
export function isEnd({ kind }: Pick<Entry, 'kind'>): boolean {
  return kind === 'resolved' || kind === 'moved';
}

/** The change of a value that an entry reports, of rules of the type `change`; undefined for every other entry. */
export function valueChangeOf({ kind, values }: Pick<Entry, 'kind' | 'values'>): ValueChange | undefined {
  if ((kind !== 'firing' && kind !== 'worse') || own(values, 'changed') !== true) return undefined;
  const previous: Json | undefined = own(values, 'previous');
  const current: Json | undefined = own(values, 'current');
  return previous === undefined || current === undefined ? undefined : { previous, current };
}
