import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/freeze.ts';
import type { Saved, StoreAnswer, Version, Write } from '../../../src/core/stored.ts';
import type { Leases } from '../../../src/engine/leases.ts';
import type { SignInStore } from '../../../src/engine/sign-in-store.ts';
import type { RuleStates } from '../../../src/evaluation/rule-states.ts';
import type { Acknowledgements } from '../../../src/notify/acknowledgements.ts';
import type { AlertGroups } from '../../../src/notify/alert-groups.ts';
import type { History, HistoryRecord } from '../../../src/notify/history.ts';
import type { Silences } from '../../../src/notify/silences.ts';
import type { ReceivedAlerts } from '../../../src/received/received-alerts.ts';
import { acknowledgementsContract } from './acknowledgements-contract.ts';
import { goldenContract } from './golden-contract.ts';
import { invalidDocumentsContract } from './invalid-documents-contract.ts';
import { receivedAlertsContract } from './received-alerts-contract.ts';
import { silencesContract } from './silences-contract.ts';
import { alertGroupDocument, lease, ruleDocument } from './stored-documents.ts';

/** The stores of one namespace, as every backend offers them. */
export interface StoresUnderTest {
  readonly ruleStates: RuleStates;
  readonly alertGroups: AlertGroups;
  readonly silences: Silences;
  readonly acknowledgements: Acknowledgements;
  readonly received: ReceivedAlerts;
  readonly history: History;
  readonly leases: Leases;
  readonly signIns: SignInStore;
}

/** One storage with nothing in it: `open` gives a namespace's stores, `settle` waits until searches see what was written. */
export interface StorageUnderTest {
  open(namespace: string): StoresUnderTest;
  settle(): Promise<void>;
  dispose(): Promise<void>;
}

/** What every adapter of the stores must do. `make` is called once a test and gives an empty storage. */
export function storesContract(name: string, make: () => Promise<StorageUnderTest>): void {
  const over = (work: (stores: StoresUnderTest, storage: StorageUnderTest) => Promise<void>) => async () => {
    const storage = await make();
    try {
      await work(storage.open('team-a'), storage);
    } finally {
      await storage.dispose();
    }
  };
  describe(`the stores of ${name}`, () => {
    describe('rule states', () => ruleStatesContract(over));
    describe('alert-groups', () => alertGroupsContract(over));
    describe('silences', () => silencesContract(over));
    describe('acknowledgements', () => acknowledgementsContract(over));
    describe('received alerts', () => receivedAlertsContract(over));
    describe('leases and history', () => smallStoresContract(over));
    describe('documents that are invalid', () => invalidDocumentsContract(over));
    describe('documents of every version', () => goldenContract(over));
  });
}

type Over = (work: (stores: StoresUnderTest, storage: StorageUnderTest) => Promise<void>) => () => Promise<void>;

function ruleStatesContract(over: Over): void {
  it(
    'give back what was saved, at the version that the save said',
    over(async ({ ruleStates }) => {
      const document = ruleDocument('checkout', { n: 3, memory: { seen: { 'node-1': 5 } } });
      const version = savedVersion(await ruleStates.save([create('checkout', document)]));
      const loaded = value(await ruleStates.load(['checkout', 'never-written'], new Map()));
      expect([...loaded]).toEqual([['checkout', { document, version }]]);
    }),
  );

  it(
    'load nothing when nothing is asked for or nothing was saved',
    over(async ({ ruleStates }) => {
      expect(value(await ruleStates.load([], new Map())).size).toBe(0);
      expect(value(await ruleStates.load(['checkout'], new Map())).size).toBe(0);
      expect(await ruleStates.save([])).toEqual([]);
    }),
  );

  it(
    'refuse to create what exists, and keep it',
    over(async ({ ruleStates }) => {
      await ruleStates.save([create('checkout', ruleDocument('checkout', { n: 1 }))]);
      expect(await ruleStates.save([create('checkout', ruleDocument('checkout', { n: 2 }))])).toEqual([{ kind: 'conflict' }]);
      expect(value(await ruleStates.load(['checkout'], new Map())).get('checkout')?.document.n).toBe(1);
    }),
  );

  it(
    'let exactly one of two writers of the same version win',
    over(async ({ ruleStates }) => {
      const version = savedVersion(await ruleStates.save([create('checkout', ruleDocument('checkout', { n: 1 }))]));
      const replace = (n: number) => ruleStates.save([{ id: 'checkout', document: ruleDocument('checkout', { n }), version }]);
      const outcomes = (await Promise.all([replace(2), replace(3)])).flat();
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['conflict', 'saved']);
      const winner = outcomes[0]?.kind === 'saved' ? 2 : 3;
      expect(value(await ruleStates.load(['checkout'], new Map())).get('checkout')?.document.n).toBe(winner);
    }),
  );

  it(
    'refuse a version that never was and a version of something else',
    over(async ({ ruleStates }) => {
      const version = savedVersion(await ruleStates.save([create('one', ruleDocument('one', { n: 1 }))]));
      const elsewhere = { seqNo: version.seqNo + 1_000, primaryTerm: version.primaryTerm };
      expect(await ruleStates.save([{ id: 'one', document: ruleDocument('one', {}), version: elsewhere }])).toEqual([conflict]);
      expect(await ruleStates.save([{ id: 'two', document: ruleDocument('two', {}), version }])).toEqual([conflict]);
    }),
  );

  it(
    'save a hundred writes of which one conflicts, each answered in its place',
    over(async ({ ruleStates }) => {
      await ruleStates.save([create('rule-042', ruleDocument('rule-042', { n: 7 }))]);
      const ids = Array.from({ length: 100 }, (_, i) => `rule-${String(i).padStart(3, '0')}`);
      const saved = await ruleStates.save(ids.map((id) => create(id, ruleDocument(id, { n: 1 }))));
      expect(saved.map(({ kind }) => kind)).toEqual(ids.map((id) => (id === 'rule-042' ? 'conflict' : 'saved')));
      const loaded = value(await ruleStates.load(ids, new Map()));
      expect(ids.map((id) => loaded.get(id)?.document.n)).toEqual(ids.map((id) => (id === 'rule-042' ? 7 : 1)));
      expect(ids.filter((id) => id !== 'rule-042').map((id) => loaded.get(id)?.version)).toEqual(
        saved.flatMap((one) => (one.kind === 'saved' ? [one.version] : [])),
      );
    }),
  );

  it(
    'load by versions held: a held one that is current, and a newer one where it is not',
    over(async ({ ruleStates }) => {
      await ruleStates.save(['same', 'moved'].map((id) => create(id, ruleDocument(id, { n: 1 }))));
      const held = value(await ruleStates.load(['same', 'moved'], new Map()));
      const version = held.get('moved')?.version;
      await ruleStates.save([{ id: 'moved', document: ruleDocument('moved', { n: 2 }), version }]);
      const again = value(await ruleStates.load(['same', 'moved'], held));
      expect(again.get('same')).toEqual(held.get('same'));
      expect(again.get('moved')?.document.n).toBe(2);
      expect(again.get('moved')?.version).not.toEqual(version);
    }),
  );

  it(
    'list ids in order, page by page',
    over(async ({ ruleStates }, storage) => {
      await ruleStates.save(['pear', 'apple', 'quince', 'fig'].map((id) => create(id, ruleDocument(id, {}))));
      await storage.settle();
      expect(value(await ruleStates.list(3))).toEqual(['apple', 'fig', 'pear']);
      expect(value(await ruleStates.list(3, 'pear'))).toEqual(['quince']);
      expect(value(await ruleStates.list(3, 'quince'))).toEqual([]);
    }),
  );

  it(
    'find the rules with outbox entries, up to a limit, and no longer once they do not',
    over(async ({ ruleStates }, storage) => {
      const rules = { quiet: false, outboxes: true, also: true };
      const saved = await ruleStates.save(
        Object.entries(rules).map(([id, hasOutbox]) => create(id, ruleDocument(id, { hasOutbox }))),
      );
      await storage.settle();
      expect([...value(await ruleStates.outboxes(10))].sort()).toEqual(['also', 'outboxes']);
      expect(value(await ruleStates.outboxes(1))).toHaveLength(1);
      const version = saved[1]?.kind === 'saved' ? saved[1].version : undefined;
      await ruleStates.save([{ id: 'outboxes', document: ruleDocument('outboxes', { hasOutbox: false }), version }]);
      await storage.settle();
      expect(value(await ruleStates.outboxes(10))).toEqual(['also']);
    }),
  );

  it(
    'find the rules of which an alert fires, with their versions, page by page, and no longer once none does',
    over(async ({ ruleStates }, storage) => {
      const alert = (status: 'firing' | 'recovering' | 'pending') => ({ a: { group: {}, status, since: 0 } });
      const rules = {
        calm: ruleDocument('calm', {}),
        fires: ruleDocument('fires', { alerts: alert('firing') }),
        pends: ruleDocument('pends', { alerts: alert('pending') }),
        recovers: ruleDocument('recovers', { alerts: alert('recovering') }),
      };
      const saved = await ruleStates.save(Object.entries(rules).map(([id, document]) => create(id, document)));
      await storage.settle();
      const versions = saved.map((one) => (one.kind === 'saved' ? one.version : undefined));
      expect([...value(await ruleStates.firing(1))]).toEqual([['fires', versions[1]]]);
      expect([...value(await ruleStates.firing(10, 'fires'))]).toEqual([['recovers', versions[3]]]);
      await ruleStates.save([{ id: 'fires', document: ruleDocument('fires', {}), version: versions[1] }]);
      await storage.settle();
      expect([...value(await ruleStates.firing(10)).keys()]).toEqual(['recovers']);
    }),
  );

  it(
    'say up to which tick each rule is evaluated, page by page in the order of ids',
    over(async ({ ruleStates }, storage) => {
      const ticks = { b: 1_000, a: 1_767_268_800_000, c: 3_000 };
      await ruleStates.save(Object.entries(ticks).map(([id, tick]) => create(id, ruleDocument(id, { evaluated_through: tick }))));
      await storage.settle();
      const first = value(await ruleStates.progress(2));
      expect([...first]).toEqual([
        ['a', ticks.a],
        ['b', ticks.b],
      ]);
      expect([...value(await ruleStates.progress(2, 'b'))]).toEqual([['c', ticks.c]]);
      expect(value(await storage.open('team-b').ruleStates.progress(2)).size).toBe(0);
    }),
  );

  it(
    'keep namespaces apart',
    over(async ({ ruleStates }, storage) => {
      const other = storage.open('team-b').ruleStates;
      await ruleStates.save([create('checkout', ruleDocument('checkout', { n: 1, hasOutbox: true }))]);
      await storage.settle();
      expect(value(await other.load(['checkout'], new Map())).size).toBe(0);
      expect(value(await other.list(10))).toEqual([]);
      expect(value(await other.outboxes(10))).toEqual([]);
      expect((await other.save([create('checkout', ruleDocument('checkout', { n: 2 }))]))[0]?.kind).toBe('saved');
      expect(value(await ruleStates.load(['checkout'], new Map())).get('checkout')?.document.n).toBe(1);
    }),
  );

  it(
    'take ids and texts of any characters',
    over(async ({ ruleStates }, storage) => {
      const ids = ['häuser/überall #1', 'a:b', '日本 "quoted"', 'back\\slash'];
      const document = (id: string) => ruleDocument(id, { memory: { [`dotted.${id}`]: `line\n${id}\u2028` } });
      await ruleStates.save(ids.map((id) => create(id, document(id))));
      await storage.settle();
      const loaded = value(await ruleStates.load(ids, new Map()));
      expect(ids.map((id) => loaded.get(id)?.document)).toEqual(ids.map(document));
      expect([...value(await ruleStates.list(10))].sort()).toEqual([...ids].sort());
    }),
  );

  it(
    'are found again by whoever opens the namespace again',
    over(async ({ ruleStates }, storage) => {
      await ruleStates.save([create('checkout', ruleDocument('checkout', { n: 9 }))]);
      const reopened = storage.open('team-a').ruleStates;
      expect(value(await reopened.load(['checkout'], new Map())).get('checkout')?.document.n).toBe(9);
    }),
  );
}

function alertGroupsContract(over: Over): void {
  it(
    'are saved under the fence and read back at once',
    over(async ({ alertGroups }) => {
      const document = alertGroupDocument({ due: 5_000, taken: { 'checkout#1000': 4 } });
      const version = savedVersion(await alertGroups.save([create('c1', document)]));
      expect([...value(await alertGroups.load(['c1', 'c2']))]).toEqual([['c1', { document, version }]]);
      expect(await alertGroups.save([create('c1', document)])).toEqual([conflict]);
      const next = alertGroupDocument({ due: null, taken: { 'checkout#1000': 5 } });
      const replaced = savedVersion(await alertGroups.save([{ id: 'c1', document: next, version }]));
      expect(await alertGroups.save([{ id: 'c1', document, version }])).toEqual([conflict]);
      expect(value(await alertGroups.load(['c1'])).get('c1')).toEqual({ document: next, version: replaced });
    }),
  );

  it(
    'that are due come earliest first, with the time of the next',
    over(async ({ alertGroups }, storage) => {
      const dues = { later: 9_000, second: 2_000, first: 1_000, never: null, third: 3_000 };
      await alertGroups.save(Object.entries(dues).map(([id, due]) => create(id, alertGroupDocument({ due }))));
      await storage.settle();
      expect(value(await alertGroups.due(3_000, 10))).toEqual({ ids: ['first', 'second', 'third'], next: 9_000 });
      expect(value(await alertGroups.due(500, 10))).toEqual({ ids: [], next: 1_000 });
      expect(value(await alertGroups.due(9_000, 10)).next).toBeUndefined();
    }),
  );

  it(
    'beyond the limit are not forgotten: the next is no later than the first left out',
    over(async ({ alertGroups }, storage) => {
      await alertGroups.save([1_000, 2_000, 3_000].map((due) => create(`c${due}`, alertGroupDocument({ due }))));
      await storage.settle();
      const { ids, next } = value(await alertGroups.due(5_000, 2));
      expect(ids).toEqual(['c1000', 'c2000']);
      expect(next).toBeLessThanOrEqual(3_000);
    }),
  );

  it(
    'are found with a limit that is higher than one search may give',
    over(async ({ alertGroups }, storage) => {
      await alertGroups.save([create('c1', alertGroupDocument({ due: 1_000 }))]);
      await storage.settle();
      expect(value(await alertGroups.due(5_000, 10_000))).toEqual({ ids: ['c1'], next: undefined });
      expect(value(await alertGroups.due(5_000, 1_000_000)).ids).toEqual(['c1']);
    }),
  );

  it(
    'in which nothing is due are listed in the order of ids, page by page',
    over(async ({ alertGroups }, storage) => {
      const dues = { c1: null, c2: 5, c3: null, c4: null };
      await alertGroups.save(Object.entries(dues).map(([id, due]) => create(id, alertGroupDocument({ due }))));
      await storage.open('team-b').alertGroups.save([create('c0', alertGroupDocument({}))]);
      await storage.settle();
      expect(value(await alertGroups.quiet(2))).toEqual(['c1', 'c3']);
      expect(value(await alertGroups.quiet(2, 'c3'))).toEqual(['c4']);
    }),
  );

  it(
    'are removed at exactly the version that was read, and can be made again',
    over(async ({ alertGroups }) => {
      const [one, two] = await alertGroups.save([create('c1', alertGroupDocument({})), create('c2', alertGroupDocument({}))]);
      const read = [savedVersion([one ?? conflict]), savedVersion([two ?? conflict])] as const;
      const later = alertGroupDocument({ due: 9 });
      await alertGroups.save([{ id: 'c2', document: later, version: read[1] }]);
      const removals = [
        { id: 'c1', version: read[0] },
        { id: 'c2', version: read[1] },
        { id: 'c3', version: read[0] },
      ];
      expect((await alertGroups.remove(removals)).map(({ kind }) => kind)).toEqual(['saved', 'conflict', 'conflict']);
      expect([...value(await alertGroups.load(['c1', 'c2', 'c3'])).keys()]).toEqual(['c2']);
      // Who had read it before does not bring it back.
      expect(await alertGroups.save([{ id: 'c1', document: later, version: read[0] }])).toEqual([conflict]);
      expect((await alertGroups.save([create('c1', later)]))[0]?.kind).toBe('saved');
      expect(await alertGroups.remove([])).toEqual([]);
    }),
  );

  it(
    'of another namespace are not due here',
    over(async ({ alertGroups }, storage) => {
      await storage.open('team-b').alertGroups.save([create('c1', alertGroupDocument({ due: 1 }))]);
      await storage.settle();
      expect(value(await alertGroups.due(10, 10))).toEqual({ ids: [], next: undefined });
      expect(value(await alertGroups.load(['c1'])).size).toBe(0);
    }),
  );
}

function smallStoresContract(over: Over): void {
  it(
    'leases are all loaded, and one holder wins a shard',
    over(async ({ leases }, storage) => {
      const mine = savedVersion(await leases.save([create('3', lease(3, 'replica-a'))]));
      expect(await leases.save([create('3', lease(3, 'replica-b'))])).toEqual([conflict]);
      await leases.save([create('4', lease(4, 'replica-b'))]);
      await storage.settle();
      const loaded = value(await leases.load());
      expect([...loaded.keys()].sort()).toEqual(['3', '4']);
      expect(loaded.get('3')).toEqual({ document: lease(3, 'replica-a'), version: mine });
      expect(value(await storage.open('team-b').leases.load()).size).toBe(0);
    }),
  );

  it(
    'history are written, and run indices of days that are over are pruned by name',
    over(async ({ history }, storage) => {
      const at = Date.UTC(2026, 0, 10, 12);
      const project = (index: HistoryRecord['index'], id: string, time: number): HistoryRecord =>
        deepFreeze({ index, id, at: time, body: { '@timestamp': new Date(time).toISOString(), message: id } });
      const day = 86_400_000;
      const written = [project('alerts', 'episode-1', at), project('runs', 'run-1', at), project('runs', 'run-2', at - 2 * day)];
      expect(await history.write(written)).toBe(3);
      expect(await history.write([])).toBe(0);
      await storage.settle();
      expect(await history.prune(at - 3 * day)).toEqual([]);
      expect(await history.prune(at)).toEqual([expect.stringMatching(/runs-2026\.01\.08$/)]);
      expect(await history.prune(at)).toEqual([]);
    }),
  );
}

const conflict: Saved = { kind: 'conflict' };

function create<D>(id: string, document: D): Write<D> {
  return { id, document: deepFreeze(document), version: undefined };
}

function savedVersion(saved: readonly Saved[]): Version {
  const [first] = saved;
  if (first?.kind !== 'saved') throw new Error(`expected a saved write, got ${JSON.stringify(saved)}`);
  return first.version;
}

function value<T>(answer: StoreAnswer<T>): T {
  if (!answer.ok) throw new Error(`the store did not answer: ${answer.message}`);
  return answer.value;
}
