import type { Saved, StoreAnswer, Versioned, Write } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import { mutingIntervals } from '../routing/time-intervals.ts';
import type { AcknowledgedAlerts } from './acknowledgements.ts';
import type { AlertGroupDocument } from './alert-group.ts';
import type { AlertGroups } from './alert-groups.ts';
import type { Unrecorded } from './claimed.ts';
import type { SentTimes } from './rate.ts';
import { noteFailed, type ReceiverSession } from './works-again.ts';

/** What this process knows of alert groups between turns: a search for what is due lags behind what it read and wrote itself. */
export interface AlertGroupSession extends ReceiverSession {
  /** When each alert group this process read or wrote is due. */
  readonly dues: Map<string, Instant>;
  /** The destination that each of these alert groups notifies: who sends must not wait for another's receiver. */
  readonly destinations: Map<string, string>;
  /** Alert groups that others have handed entries to in this turn. */
  readonly handedOver: Set<string>;
  /** Who works on which alert, as this process last read it. */
  acknowledged: AcknowledgedAlerts;
  /** How many alerts time intervals hold back in each of these alert groups; not those where it is 0. */
  readonly muted: Map<string, number>;
  /** Attempts that could not be recorded yet, by alert group; they stay as long as the process. */
  readonly unrecorded: Map<string, Unrecorded>;
  /** When messages were last sent to destinations with a rate limit. */
  readonly sent: SentTimes;
}

/** The store of alert groups, and what this process knows of them. */
export interface KnownAlertGroups {
  readonly alertGroups: Pick<AlertGroups, 'load' | 'save'>;
  readonly session: AlertGroupSession;
}

/** Loads alert groups by id and notes when each is due; one that no longer exists has nothing due any more. */
export async function loadAlertGroups(
  ids: readonly string[],
  { alertGroups, session }: KnownAlertGroups,
): Promise<StoreAnswer<ReadonlyMap<string, Versioned<AlertGroupDocument>>>> {
  const loaded = await alertGroups.load(ids);
  if (!loaded.ok) return loaded;
  for (const [id, { document }] of loaded.value) note(id, document, session);
  for (const id of ids) if (!loaded.value.has(id)) forget(id, session);
  return loaded;
}

/** Saves alert groups and notes when each that was written is due. */
export async function saveAlertGroups(
  writes: readonly Write<AlertGroupDocument>[],
  { alertGroups, session }: KnownAlertGroups,
): Promise<readonly Saved[]> {
  const results = await alertGroups.save(writes);
  for (const [index, { id, document }] of writes.entries()) if (results[index]?.kind === 'saved') note(id, document, session);
  return results;
}

function note(id: string, document: AlertGroupDocument, session: AlertGroupSession): void {
  noteFailed(id, document, session);
  noteMuted(id, document, session);
  if (document.due === null) {
    session.dues.delete(id);
    session.destinations.delete(id);
    return;
  }
  session.dues.set(id, document.due);
  session.destinations.set(id, document.destination);
}

function noteMuted(id: string, { queued, failed }: AlertGroupDocument, { muted }: AlertGroupSession): void {
  const waiting = [...queued, ...failed].filter(({ why }) => why !== undefined && mutingIntervals(why) !== undefined);
  if (waiting.length === 0) muted.delete(id);
  else muted.set(id, new Set(waiting.map(({ alert }) => alert)).size);
}

function forget(id: string, session: AlertGroupSession): void {
  session.dues.delete(id);
  session.failed.delete(id);
  session.muted.delete(id);
}
