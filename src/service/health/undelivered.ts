import type { Instant } from '../../core/time.ts';
import type { AlertGroupDocument } from '../../notify/alert-group.ts';
import type { AlertGroups } from '../../notify/alert-groups.ts';

/** A alert groups port that remembers since when each alert group it read or wrote has something to send. */
export interface WatchedAlertGroups {
  readonly alertGroups: AlertGroups;
  /** When the oldest entry that is neither notified nor held back was enqueued; undefined: everything is notified. */
  oldest(): Instant | undefined;
  /** Alert groups with something to send, as far as this process knows; another replica may have notified it since. */
  waiting(): readonly string[];
}

/** Watches a alert groups port. */
export function watchAlertGroups(port: AlertGroups): WatchedAlertGroups {
  const waiting = new Map<string, Instant>();
  const note = (id: string, document: AlertGroupDocument) => {
    const since = undeliveredSince(document);
    if (since === undefined) waiting.delete(id);
    else waiting.set(id, since);
  };
  return {
    alertGroups: {
      ...port,
      load: async (ids) => {
        const loaded = await port.load(ids);
        if (!loaded.ok) return loaded;
        for (const [id, { document }] of loaded.value) note(id, document);
        for (const id of ids) if (!loaded.value.has(id)) waiting.delete(id);
        return loaded;
      },
      save: async (writes) => {
        const results = await port.save(writes);
        for (const [index, { id, document }] of writes.entries()) if (results[index]?.kind === 'saved') note(id, document);
        return results;
      },
    },
    oldest: () => (waiting.size === 0 ? undefined : Math.min(...waiting.values())),
    waiting: () => [...waiting.keys()],
  };
}

/** When the oldest pending entry of an alert group was enqueued, including failed ones and remaining recipients; silenced entries are not late, and neither is what is not due yet. */
export function undeliveredSince({ queued, failed, inflight, due, remainders = [] }: AlertGroupDocument): Instant | undefined {
  const times = [
    ...queued.filter(({ why }) => why === undefined).map(({ queued_at }) => Math.max(queued_at, due ?? queued_at)),
    ...failed.filter(({ why }) => why === undefined).map(({ queued_at }) => queued_at),
    ...remainders.map(({ since }) => since),
    ...(inflight === null ? [] : [inflight.since, ...inflight.facts.entries.map((entry) => entry.queued_at)]),
  ];
  return times.length === 0 ? undefined : Math.min(...times);
}
