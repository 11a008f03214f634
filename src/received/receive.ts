import { readApart } from '../core/read-apart.ts';
import type { Versioned, Write } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';
import { isResolved, mergeReceived } from './merge.ts';
import type { ReceivedAlerts } from './received-alerts.ts';

/** The outcome of posted alerts: how many were not stored because too many fire already, or why the others could not be stored. */
export interface ReceiveOutcome {
  readonly refused: number;
  readonly problem?: string;
}

/** When they were received, and how many may fire at once. */
export interface Terms {
  readonly now: Instant;
  readonly max: number;
}

/** Another replica may receive the same alerts at the same moment. */
const TRIES = 5;

/** Stores posted alerts, each merged with what is stored of it. What is not in the receipt is stored when this resolves. */
export async function receive(
  posted: readonly ReceivedAlert[],
  store: ReceivedAlerts,
  { now, max }: Terms,
): Promise<ReceiveOutcome> {
  let open = byId(posted, now);
  let refused = 0;
  let problem: string | undefined;
  for (let left = TRIES; open.size > 0; left--) {
    const loaded = await readApart([...open.keys()], store.load);
    if (!loaded.ok) return { refused, problem: loaded.message };
    const { found, unreadable, replaceable } = loaded.value;
    const writes: Write<ReceivedAlert>[] = [];
    for (const [id, sent] of open) {
      const stored: Versioned<ReceivedAlert> | undefined = found.get(id);
      const over = stored?.version ?? replaceable.get(id);
      if (over === undefined && unreadable.has(id)) {
        problem ??= unreadable.get(id) ?? '';
        continue;
      }
      const document = mergeReceived(stored?.document, sent, now);
      if (isNews(stored?.document, document, now)) writes.push({ id, document, version: over });
    }
    const room = await roomFor(writes, found, store, { now, max });
    if (typeof room === 'string') return { refused, problem: room };
    refused += writes.length - room.length;
    const saved = await store.save(room);
    const again = new Map<string, ReceivedAlert>();
    for (const [index, { id }] of room.entries()) {
      const result = saved[index] ?? { kind: 'unclear', message: 'the store returned no result for this write' };
      const sent = open.get(id);
      if (result.kind === 'conflict' && sent !== undefined) again.set(id, sent);
      else if (result.kind !== 'saved' && 'message' in result) problem ??= result.message;
    }
    if (again.size > 0 && left <= 1)
      return { refused, problem: problem ?? 'the alerts were changed repeatedly by other requests' };
    open = again;
  }
  return { refused, ...(problem !== undefined && { problem }) };
}

/** Each alert once: of those with the same labels the later ones are merged into the first. */
function byId(posted: readonly ReceivedAlert[], now: Instant): Map<string, ReceivedAlert> {
  const all = new Map<string, ReceivedAlert>();
  for (const sent of posted) all.set(sent.id, mergeReceived(all.get(sent.id), sent, now));
  return all;
}

/** What never fired here, or has been over as it is for some time, need not be stored again. */
function isNews(stored: ReceivedAlert | undefined, document: ReceivedAlert, now: Instant): boolean {
  if (!isResolved(document, now)) return true;
  return stored !== undefined && stored.ends_at !== document.ends_at;
}

/** The writes for which there is room: an alert that fires already, or that ends, needs none. */
async function roomFor(
  writes: readonly Write<ReceivedAlert>[],
  found: ReadonlyMap<string, Versioned<ReceivedAlert>>,
  store: ReceivedAlerts,
  { now, max }: Terms,
): Promise<readonly Write<ReceivedAlert>[] | string> {
  const begins = ({ id, document }: Write<ReceivedAlert>) => {
    const before = found.get(id)?.document;
    return !isResolved(document, now) && (before === undefined || isResolved(before, now));
  };
  if (!writes.some(begins)) return writes;
  const active = await store.count(now);
  if (!active.ok) return active.message;
  let room = max - active.value;
  return writes.filter((write) => !begins(write) || room-- > 0);
}
