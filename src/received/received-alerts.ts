import { hashId } from '../core/ids.ts';
import type { Saved, StoreAnswer, Versioned, Write } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';

/** Port to `tocsin-received-alerts`. */
export interface ReceivedAlerts {
  /** Those stored under these ids, always current. */
  load(ids: readonly string[]): Promise<StoreAnswer<ReadonlyMap<string, Versioned<ReceivedAlert>>>>;
  /** Each fenced by the version that it replaces. The next `list` has them. */
  save(writes: readonly Write<ReceivedAlert>[]): Promise<readonly Saved[]>;
  /** Those that end after `from`. Invalid ones are left out and named in `unreadable`, by id. */
  list(from: Instant): Promise<StoreAnswer<readonly ReceivedAlert[]>>;
  /** How many end after `from`. */
  count(from: Instant): Promise<StoreAnswer<number>>;
  /** Removes those that ended before an instant, some thousands at a time; gives how many. */
  prune(before: Instant): Promise<number>;
}

/** Most that are read at once, and so the most that may fire together. */
export const MOST_RECEIVED = 20_000;

/** One stored alert: its id and its body as it was read. */
interface StoredReceived {
  readonly id: string;
  readonly body: unknown;
}

/** The id of an alert by its labels. */
export function receivedId(labels: Readonly<Record<string, string | null>>): string {
  return hashId('received', labels);
}

/** Reads received alerts, each by itself. `read` is that of their kind; `place` says where one is stored. */
export function receivedRead(
  all: Iterable<StoredReceived>,
  read: (
    body: unknown,
  ) => { readonly ok: true; readonly document: ReceivedAlert } | { readonly ok: false; readonly message: string },
  place: (id: string) => string,
): StoreAnswer<readonly ReceivedAlert[]> {
  const value: ReceivedAlert[] = [];
  const unreadable = new Map<string, string>();
  for (const { id, body } of all) {
    const one = read(body);
    if (one.ok) value.push(one.document);
    else unreadable.set(id, `${place(id)} ${one.message}`);
  }
  return unreadable.size === 0 ? { ok: true, value } : { ok: true, value, unreadable };
}
