import type { Instant } from '../core/time.ts';

/** How long an entry is held back in favour of one message about its whole source, and why, in words for people. Stored names. */
export interface Hold {
  readonly until: Instant;
  readonly why: string;
}

/** What one message about a silent source stands for: the alerts of a rule's groups that one receiver would have got. Stored names. */
export interface OutageFacts {
  /** The data streams and patterns that hold no document, for people. */
  readonly source: string;
  /** From when on there is no document, as far as is known: the beginning of the first window without one. */
  readonly since: Instant;
  /** The rule's `group_by`. */
  readonly fields: readonly string[];
  /** How many groups are silent: those that are held back, those that this receiver knew of before, and those about to be reported to it. */
  readonly total: number;
  /** The groups whose alerts are held back, with their severities; at most `GROUPS_KEPT`. */
  readonly held: readonly { readonly group: Readonly<Record<string, string | null>>; readonly level: string }[];
  /** When the first of them is no longer held back. */
  readonly until: Instant;
  /** Of a message about the end: groups that are still silent, and are reported one by one if they stay so. */
  readonly missing?: readonly Readonly<Record<string, string | null>>[];
}

/** Groups that one such message stores by name. */
export const GROUPS_KEPT = 1_000;

/**
 * The labels of each alert that an outage stands for, rebuilt from what they share; undefined when more are held back than are stored, so
 * that nothing can be said about all of them.
 */
export function labelsOfHeld(
  { total, held }: Pick<OutageFacts, 'total' | 'held'>,
  shared: Readonly<Record<string, string>>,
): readonly Readonly<Record<string, string>>[] | undefined {
  if (held.length === 0 || (held.length === GROUPS_KEPT && total > GROUPS_KEPT)) return undefined;
  return held.map(({ group, level }) => {
    const fields = Object.entries(group).filter((field): field is [string, string] => field[1] !== null);
    return { ...Object.fromEntries(fields), ...shared, severity: level };
  });
}
