import type { History, HistoryRecord } from '../../../notify/history.ts';
import type { Wire } from '../wire.ts';
import { type BulkWrite, writeBulk } from './bulk.ts';
import { documentId } from './document-id.ts';
import { ensureIndex, type IndexOptions, indexName, pruneRuns, runsIndexName } from './indices.ts';
import { removeFound } from './remove-found.ts';

/**
 * The documents of `tocsin-alerts`, `tocsin-notifications` and the daily `tocsin-runs-…`: written as they come; only run-history.ts reads them back.
 */
export function history(wire: Wire, namespace: string, options: IndexOptions): History {
  const ready = new Set<string>();
  return {
    write: async (batch) => {
      const days = new Set(batch.filter((one) => one.index === 'runs').map((one) => runsIndexName(options, one.at)));
      for (const day of days) {
        if (!ready.has(day) && (await ensureIndex(wire, options, 'runs', day)).ok) ready.add(day);
      }
      // Without its mapping a day's index would take the guesses of its first document, so those of a day that is not ready are
      // lost.
      const writes = batch
        .filter((one) => one.index !== 'runs' || ready.has(nameOf(options, one)))
        .map((one) => bulkWrite(namespace, options, one));
      if (writes.length === 0) return 0;
      const saved = await writeBulk(wire, { path: '/_bulk' }, writes);
      return saved.filter(({ kind }) => kind === 'saved').length;
    },
    pruneHistory: async (before) => {
      const filter = [
        { term: { 'tocsin.namespace': namespace } },
        { range: { '@timestamp': { lt: before, format: 'epoch_millis' } } },
      ];
      const removed = await Promise.all(
        (['alerts', 'notifications'] as const).map((kind) => removeFound(wire, indexName(options, kind), filter)),
      );
      return removed.reduce((sum, count) => sum + count, 0);
    },
    prune: async (before) => {
      const pruned = await pruneRuns(wire, options, before);
      for (const name of pruned) ready.delete(name);
      return pruned;
    },
  };
}

function bulkWrite(namespace: string, options: IndexOptions, historyRecord: HistoryRecord): BulkWrite {
  const action = { index: { _index: nameOf(options, historyRecord), _id: documentId(namespace, historyRecord.id) } };
  return { action, document: historyRecord.body };
}

function nameOf(options: IndexOptions, { index, at }: HistoryRecord): string {
  return index === 'runs' ? runsIndexName(options, at) : indexName(options, index);
}
