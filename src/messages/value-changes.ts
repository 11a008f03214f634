import { type ValueChange, valueChangeOf } from '../alerts/entry.ts';
import type { Json } from '../core/json.ts';
import { truncate } from '../core/truncate.ts';
import type { QueuedEntry } from '../state/alert-group-document.ts';

/** Changes of the value that a rule of the type `change` watches, oldest first, and how many older ones are not named. */
export interface ValueChanges {
  readonly changes: readonly ValueChange[];
  readonly leftOut: number;
}

/** Changes that a message names of one alert: the newest. */
const NAMED = 20;
/** Changes that a title names. */
const IN_TITLE = 5;
const CHARACTERS = 100;
const CHARACTERS_OF_ALL = 300;
const CHARACTERS_IN_TITLE = 30;

/** Writes a value for people. */
type Print = (value: Json) => string;

/** The changes that some entries of one alert report, those that were folded into them included; undefined without any. */
export function valueChangesOf(entries: readonly QueuedEntry[]): ValueChanges | undefined {
  const all = entries.flatMap((entry) => [...(entry.folded_changes ?? []), ...changeIn(entry)]);
  if (all.length === 0) return undefined;
  const changes = all.slice(-NAMED);
  const before = entries.reduce((sum, entry) => sum + (entry.folded_changes_left_out ?? 0), 0);
  return { changes, leftOut: before + all.length - changes.length };
}

function changeIn(entry: QueuedEntry): readonly ValueChange[] {
  const change = valueChangeOf(entry);
  return change === undefined ? [] : [change];
}

/** `v0 → v1 → v2`; where a change does not begin with the value before, `; ` parts them. */
export function changesText(changes: ValueChanges, print: Print): string {
  const text = chain(changes, (value) => clipped(print(value), CHARACTERS));
  const [, ...newer] = changes.changes;
  // Channels cut a long fact at its end, where the newest change is.
  if (text.length <= CHARACTERS_OF_ALL || newer.length === 0) return text;
  return changesText({ changes: newer, leftOut: changes.leftOut + 1 }, print);
}

/** How a title goes on that names one change at most: ` (3 changes: v0 → v1 → v2 → v3)`. */
export function changesInTitle({ changes, leftOut }: ValueChanges, print: Print): string {
  const shown = changes.slice(-IN_TITLE);
  const total = changes.length + leftOut;
  const text = chain({ changes: shown, leftOut: total - shown.length }, (value) => clipped(print(value), CHARACTERS_IN_TITLE));
  return ` (${total === 1 ? '' : `${total} changes: `}${text})`;
}

function clipped(text: string, characters: number): string {
  return truncate(text.replace(/\s+/g, ' '), characters);
}

function chain({ changes, leftOut }: ValueChanges, print: Print): string {
  const text = changes.reduce((before, { previous, current }, index) => {
    const follows = index > 0 && print(changes[index - 1]?.current ?? null) === print(previous);
    const begin = index === 0 ? print(previous) : follows ? before : `${before}; ${print(previous)}`;
    return `${begin} → ${print(current)}`;
  }, '');
  return leftOut === 0 ? text : `${leftOut} earlier ${leftOut === 1 ? 'change' : 'changes'}, then ${text}`;
}
