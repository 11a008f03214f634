import type { StoredOutageFacts } from '../state/entry.ts';

export type { StoredHold as Hold, StoredOutageFacts as OutageFacts } from '../state/entry.ts';

/** Groups that one such message stores by name. */
export const GROUPS_KEPT = 1_000;

/**
 * The labels of each alert that an outage represents, rebuilt from their shared labels; undefined when more are held back than are stored, so
 * that nothing can be said about all of them.
 */
export function labelsOfHeld(
  { total, held }: Pick<StoredOutageFacts, 'total' | 'held'>,
  shared: Readonly<Record<string, string>>,
): readonly Readonly<Record<string, string>>[] | undefined {
  if (held.length === 0 || (held.length === GROUPS_KEPT && total > GROUPS_KEPT)) return undefined;
  return held.map(({ group, level }) => {
    const fields = Object.entries(group).filter((field): field is [string, string] => field[1] !== null);
    return { ...Object.fromEntries(fields), ...shared, severity: level };
  });
}
