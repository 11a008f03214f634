import { isEnd, type ValueChange, valueChangeOf } from '../alerts/entry.ts';
import { groupedBy } from '../core/grouped-by.ts';
import { canonicalJson, type Json, jsonText } from '../core/json.ts';
import { truncate } from '../core/truncate.ts';
import type { AlertGroupDocument, Leaving, QueuedEntry } from './alert-group.ts';

/** Entries of one alert that may wait side by side before older ones are folded. */
export const ENTRIES_OF_ONE_ALERT = 8;
/** Changes of a value that are kept by name when their entries are folded, and characters of each value. */
const CHANGES_OF_ONE_ALERT = 20;
const CHARACTERS_OF_A_VALUE = 100;
/** Characters of evidence that may wait in one alert group: a message shows 20 alerts, whatever waits. */
export const EVIDENCE_WAITING = 1_000_000;

/**
 * Keeps an alert group writable however long its receiver is away: its size follows the number of its alerts, never the time. Nothing is
 * lost: an entry that goes is notified by a later one of its alert, and evidence is a courtesy that the newest entries keep.
 */
export function shrink(document: AlertGroupDocument): AlertGroupDocument {
  const budget = { left: EVIDENCE_WAITING };
  const queued = withinEvidence(folded(document.queued, alertOf), budget);
  const failed = withinEvidence(folded(document.failed, alertOf), budget);
  const leaving = shrunkLeaving(document.leaving, budget);
  if (queued === document.queued && failed === document.failed && leaving === document.leaving) return document;
  return { ...document, queued, failed, ...(leaving && { leaving }) };
}

/** What waits to be taken over is folded by where it goes. Numbers may have gaps: each alert group takes over what is beyond the last one it has taken. */
function shrunkLeaving(leaving: Leaving | undefined, budget: { left: number }): Leaving | undefined {
  if (leaving === undefined) return undefined;
  const entries = withinEvidence(
    folded(leaving.entries, ({ alert, to }) =>
      canonicalJson([alert, ...to.map(({ destination, route }) => [destination, route])]),
    ),
    budget,
  );
  return entries === leaving.entries ? leaving : { ...leaving, entries };
}

function alertOf({ alert }: QueuedEntry): string {
  return alert;
}

function withinEvidence<E extends QueuedEntry>(entries: readonly E[], budget: { left: number }): readonly E[] {
  const kept = [...entries];
  let changed = false;
  for (const [index, entry] of [...entries.entries()].reverse()) {
    if (entry.evidence === undefined) continue;
    budget.left -= jsonText(entry.evidence).length;
    if (budget.left >= 0) continue;
    const { evidence: _evidence, ...rest } = entry;
    kept[index] = rest as E;
    changed = true;
  }
  return changed ? kept : entries;
}

/** The same list while no alert has too many entries. */
function folded<E extends QueuedEntry>(entries: readonly E[], keyOf: (entry: E) => string): readonly E[] {
  const crowded = [...groupedBy(entries, keyOf).values()].filter((list) => list.length > ENTRIES_OF_ONE_ALERT);
  if (crowded.length === 0) return entries;
  const become = new Map(crowded.flatMap((list) => foldAlert(list)));
  return entries.flatMap((entry) => (become.has(entry) ? (become.get(entry) ?? []) : [entry]));
}

/**
 * What happens to each entry of one alert; undefined: a later one is notified for it. Folded are episodes that have ended, and what lies between
 * the first and the last change of an episode, where a later entry with the same labels stays: no silence then decides what is left
 * otherwise than what was there.
 */
function foldAlert<E extends QueuedEntry>(list: readonly E[]): readonly (readonly [E, E | undefined])[] {
  const kept = new Set<E>();
  const seen = new Set<string>();
  for (const episode of episodesOf(list).reverse()) {
    // What is held back is not notified for by what is not, nor the other way round.
    const labels = episode.map(({ labels: of, hold }) => canonicalJson([of, hold?.until ?? null]));
    const over = episode[0]?.kind === 'firing' && episode.some(isEnd);
    const represented = kept.size > 0 && over && labels.every((key) => seen.has(key));
    if (!represented) for (const entry of framework(episode, labels)) kept.add(entry);
    for (const key of labels) seen.add(key);
  }
  let changes: FoldedChanges = {};
  let folding = 0;
  let episodes = 0;
  return list.map((entry) => {
    const count = folding + (entry.folded ?? 0);
    // What is folded of an episode that stays is never its beginning.
    const whole = episodes + (entry.folded_episodes ?? 0);
    const isKept = kept.has(entry);
    folding = isKept ? 0 : count + 1;
    episodes = isKept ? 0 : whole + (entry.kind === 'firing' ? 1 : 0);
    const before = joined(changes, entry);
    const change = valueChangeOf(entry);
    changes = isKept ? {} : change === undefined ? before : joined(before, { folded_changes: [cut(change)] });
    if (!isKept) return [entry, undefined];
    return [entry, count === 0 ? entry : { ...entry, folded: count, ...(whole > 0 && { folded_episodes: whole }), ...before }];
  });
}

type FoldedChanges = Pick<QueuedEntry, 'folded_changes' | 'folded_changes_left_out'>;

/** The newest changes of both, and how many there were besides. */
function joined(older: FoldedChanges, newer: FoldedChanges): FoldedChanges {
  const all = [...(older.folded_changes ?? []), ...(newer.folded_changes ?? [])];
  const kept = all.slice(-CHANGES_OF_ONE_ALERT);
  const leftOut = (older.folded_changes_left_out ?? 0) + (newer.folded_changes_left_out ?? 0) + all.length - kept.length;
  return { ...(kept.length > 0 && { folded_changes: kept }), ...(leftOut > 0 && { folded_changes_left_out: leftOut }) };
}

function cut({ previous, current }: ValueChange): ValueChange {
  const short = (value: Json) => (typeof value === 'string' ? truncate(value, CHARACTERS_OF_A_VALUE) : value);
  return { previous: short(previous), current: short(current) };
}

/** Runs of entries of one episode of one source, in order. */
function episodesOf<E extends QueuedEntry>(list: readonly E[]): E[][] {
  const runs: E[][] = [];
  for (const entry of list) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && last.episode === entry.episode && last.source === entry.source) runs.at(-1)?.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/** The first entry of an episode, and the last one of each kind of labels: ends apart, since an end may decide what is dropped. */
function framework<E extends QueuedEntry>(episode: readonly E[], labels: readonly string[]): readonly E[] {
  const last = new Map(episode.map((entry, index) => [`${isEnd(entry)} ${labels[index]}`, entry]));
  return episode.filter((entry, index) => index === 0 || last.get(`${isEnd(entry)} ${labels[index]}`) === entry);
}
