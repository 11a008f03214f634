import { deepFreeze } from '../../core/freeze.ts';
import { readApart } from '../../core/read-apart.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import { compareTexts } from '../../core/text-order.ts';
import { iso } from '../../core/time.ts';
import type { RunHistory } from '../../engine/history/run-history.ts';
import { type Lease, type Leases, leasesRead } from '../../engine/leases.ts';
import { SIGN_INS_ID, type SignInStore, type SignIns, signInsRead } from '../../engine/sign-in-store.ts';
import type { RuleDocument, RuleStates } from '../../evaluation/rule-states.ts';
import { type Acknowledgement, type Acknowledgements, acknowledgementsRead } from '../../notify/acknowledgements.ts';
import type { AlertGroupDocument } from '../../notify/alert-group.ts';
import type { AlertGroups } from '../../notify/alert-groups.ts';
import type { History, HistoryRecord } from '../../notify/history.ts';
import { CHANGED_MEANWHILE, type Silence, type Silences, silencesRead } from '../../notify/silences.ts';
import { type ReceivedAlerts, receivedRead } from '../../received/received-alerts.ts';
import { ACKNOWLEDGEMENT } from '../../state/acknowledgement.ts';
import { ALERT_GROUP } from '../../state/alert-group-versions.ts';
import { LEASE_KIND } from '../../state/lease.ts';
import { RECEIVED_ALERT, type ReceivedAlert } from '../../state/received-alert.ts';
import { hasFiring, readRuleDocument } from '../../state/rule-document.ts';
import { SIGN_INS } from '../../state/sign-ins.ts';
import { SILENCE } from '../../state/silence.ts';
import { fencedShelf, type Keep } from './fenced-shelf.ts';
import { memoryRunHistory } from './run-history.ts';

/** History that can be read back: for tests, the demo and the reports of a dry run. */
interface MemoryHistory extends History {
  /** What was written to one kind of index, in the order of first writing; overwritten documents show their last body. */
  written(index: HistoryRecord['index']): readonly HistoryRecord[];
}

/** All stores of one namespace. */
export interface MemoryStores {
  readonly ruleStates: RuleStates;
  readonly alertGroups: AlertGroups;
  readonly silences: Silences;
  readonly acknowledgements: Acknowledgements;
  readonly received: ReceivedAlerts;
  readonly history: MemoryHistory;
  readonly leases: Leases;
  readonly signIns: SignInStore;
  /** What the history recorded, for `explain`. */
  readonly runHistory: RunHistory;
}

/** Stores that outlive the engines that use them: opening a namespace again finds its saved documents. */
export interface Memory {
  /** The stores of a namespace, the same ones at each call. */
  stores(namespace: string): MemoryStores;
}

/**
 * Makes an empty memory. Documents are kept as they are handed over, not copied, because they are immutable by type and a dry run of
 * months saves a great many; `freeze` makes any later change fail at once, for tests.
 */
export function createMemory(options: { readonly freeze?: boolean } = {}): Memory {
  const keep: Keep = options.freeze === true ? deepFreeze : (document) => document;
  const namespaces = new Map<string, MemoryStores>();
  return {
    stores: (namespace) => {
      const known = namespaces.get(namespace);
      if (known !== undefined) return known;
      const made = createStores(keep);
      namespaces.set(namespace, made);
      return made;
    },
  };
}

function createStores(keep: Keep): MemoryStores {
  const projected = history(keep);
  return {
    ruleStates: ruleStates(keep),
    alertGroups: alertGroups(keep),
    silences: silences(keep),
    acknowledgements: acknowledgements(keep),
    received: received(keep),
    history: projected,
    leases: leases(keep),
    signIns: signInStore(keep),
    runHistory: memoryRunHistory(projected.written),
  };
}

function ruleStates(keep: Keep): RuleStates {
  const shelf = fencedShelf<RuleDocument>(keep, 'rules', readRuleDocument);
  return {
    load: async (ids, have) => shelf.find(ids, have),
    list: async (limit, after) =>
      answer(
        [...shelf.all.keys()]
          .filter((id) => after === undefined || id > after)
          .sort(compareTexts)
          .slice(0, limit),
      ),
    progress: async (limit, after) =>
      answer(
        new Map(
          [...shelf.all]
            .filter(([id]) => after === undefined || id > after)
            .sort(([a], [b]) => compareTexts(a, b))
            .slice(0, limit)
            .map(([id, { document }]) => [id, document.evaluated_through]),
        ),
      ),
    firing: async (limit, after) =>
      answer(
        new Map(
          [...shelf.all]
            .filter(([id, { document }]) => (after === undefined || id > after) && hasFiring(document))
            .sort(([a], [b]) => compareTexts(a, b))
            .slice(0, limit)
            .map(([id, { version }]) => [id, version]),
        ),
      ),
    outboxes: async (limit) => answer(take(limit, shelf.all, ([, stored]) => stored.document.hasOutbox).map(([id]) => id)),
    save: async (writes) => writes.map(shelf.save),
    remove: async (removals) => removals.map(shelf.remove),
  };
}

function alertGroups(keep: Keep): AlertGroups {
  const shelf = fencedShelf<AlertGroupDocument>(keep, 'alert-groups', ALERT_GROUP.read);
  return {
    load: async (ids) => shelf.find(ids),
    due: async (before, limit) => {
      const waiting = [...shelf.all]
        .flatMap(([id, { document }]) => (document.due === null ? [] : [{ id, due: document.due }]))
        .sort((a, b) => a.due - b.due || compareTexts(a.id, b.id));
      const late = waiting.filter(({ due }) => due <= before).slice(0, limit);
      return answer({ ids: late.map(({ id }) => id), next: waiting[late.length]?.due });
    },
    save: async (writes) => writes.map(shelf.save),
    quiet: async (limit, after) =>
      answer(
        [...shelf.all]
          .flatMap(([id, { document }]) => (document.due === null && (after === undefined || id > after) ? [id] : []))
          .sort(compareTexts)
          .slice(0, limit),
      ),
    remove: async (removals) => removals.map(shelf.remove),
  };
}

function leases(keep: Keep): Leases {
  const shelf = fencedShelf<Lease>(keep, 'leases', LEASE_KIND.read);
  return {
    load: async () => leasesRead(await readApart([...shelf.all.keys()], async (ids) => shelf.find(ids))),
    save: async (writes) => writes.map(shelf.save),
  };
}

function signInStore(keep: Keep): SignInStore {
  const shelf = fencedShelf<SignIns>(keep, 'sign-ins', SIGN_INS.read);
  return {
    load: async () => signInsRead(shelf.find([SIGN_INS_ID])),
    save: async (document, version) => shelf.save({ id: SIGN_INS_ID, document, version }),
  };
}

function silences(keep: Keep): Silences {
  const shelf = fencedShelf<Silence>(keep, 'silences', SILENCE.read);
  return {
    list: async (from) => {
      const stored = [...shelf.all].map(([id, { document }]) => ({ id, body: document }));
      return silencesRead(
        stored.filter(({ body }) => body.ends_at > from),
        (id) => `silence ${id}`,
      );
    },
    get: async (id) => {
      const found = shelf.find([id]);
      return found.ok ? answer(found.value.get(id)) : { ok: false, message: found.message };
    },
    put: async (silence, over) => {
      const version = over ?? shelf.all.get(silence.id)?.version;
      const saved = shelf.save({ id: silence.id, document: silence, version });
      return saved.kind === 'saved' ? answer(undefined) : { ok: false, message: CHANGED_MEANWHILE };
    },
    prune: async (before) => {
      const ended = [...shelf.all].filter(([, { document }]) => document.ends_at < before);
      for (const [id, { version }] of ended) shelf.remove({ id, version });
      return ended.length;
    },
  };
}

function acknowledgements(keep: Keep): Acknowledgements {
  const shelf = fencedShelf<Acknowledgement>(keep, 'acknowledgements', ACKNOWLEDGEMENT.read);
  return {
    list: async (from) => {
      const recent = [...shelf.all].filter(([, { document }]) => document.at > from);
      const stored = recent
        .sort(([, a], [, b]) => b.document.at - a.document.at)
        .map(([id, { document }]) => ({ id, body: document }));
      return acknowledgementsRead(stored, (id) => `the acknowledgement of alert ${id}`);
    },
    put: async (all) => {
      for (const { alert } of all) {
        const stored = shelf.all.get(alert);
        const read = stored && ACKNOWLEDGEMENT.read(stored.document);
        if (read?.ok === false && !read.replaceable)
          return { ok: false, message: `the acknowledgement of alert ${alert} ${read.message}` };
      }
      for (const document of all) shelf.save({ id: document.alert, document, version: shelf.all.get(document.alert)?.version });
      return answer(undefined);
    },
    prune: async (before) => {
      const old = [...shelf.all].filter(([, { document }]) => document.at < before);
      for (const [id, { version }] of old) shelf.remove({ id, version });
      return old.length;
    },
  };
}

function received(keep: Keep): ReceivedAlerts {
  const shelf = fencedShelf<ReceivedAlert>(keep, 'received alerts', RECEIVED_ALERT.read);
  const endingAfter = (from: number) => [...shelf.all].filter(([, { document }]) => document.ends_at > from);
  return {
    load: async (ids) => shelf.find(ids),
    save: async (writes) => writes.map(shelf.save),
    list: async (from) => {
      const stored = endingAfter(from).map(([id, { document }]) => ({ id, body: document }));
      return receivedRead(
        stored.sort((a, b) => compareTexts(a.id, b.id)),
        RECEIVED_ALERT.read,
        (id) => `the received alert ${id}`,
      );
    },
    count: async (from) => answer(endingAfter(from).length),
    prune: async (before) => {
      const ended = [...shelf.all].filter(([, { document }]) => document.ends_at < before);
      for (const [id, { version }] of ended) shelf.remove({ id, version });
      return ended.length;
    },
  };
}

function history(keep: Keep): MemoryHistory {
  const indices = new Map<string, Map<string, HistoryRecord>>();
  return {
    write: async (batch) => {
      for (const historyRecord of batch) {
        const name = indexOf(historyRecord);
        const index = indices.get(name) ?? new Map<string, HistoryRecord>();
        indices.set(name, index.set(historyRecord.id, keep(historyRecord)));
      }
      return batch.length;
    },
    prune: async (before) => {
      const ended = [...indices.keys()].filter((name) => name < runsOf(before) && name.startsWith(RUNS));
      for (const name of ended) indices.delete(name);
      return ended.sort(compareTexts);
    },
    pruneHistory: async (before) => {
      let removed = 0;
      for (const kind of ['alerts', 'notifications']) {
        const index = indices.get(`tocsin-${kind}`);
        const old = [...(index?.values() ?? [])].filter(({ at }) => at < before);
        for (const { id } of old) index?.delete(id);
        removed += old.length;
      }
      return removed;
    },
    written: (index) => [...indices.values()].flatMap((held) => [...held.values()].filter((one) => one.index === index)),
  };
}

const RUNS = 'tocsin-runs-';

function indexOf(historyRecord: HistoryRecord): string {
  return historyRecord.index === 'runs' ? runsOf(historyRecord.at) : `tocsin-${historyRecord.index}`;
}

function runsOf(at: number): string {
  return RUNS + iso(at).slice(0, 10).replaceAll('-', '.');
}

function take<T>(limit: number, from: Iterable<T>, wanted: (one: T) => boolean): readonly T[] {
  const taken: T[] = [];
  for (const one of from) {
    if (taken.length >= limit) break;
    if (wanted(one)) taken.push(one);
  }
  return taken;
}

function answer<T>(value: T): StoreAnswer<T> {
  return { ok: true, value };
}
