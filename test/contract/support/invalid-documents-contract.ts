import { expect, it } from 'vitest';
import { readApart } from '../../../src/core/read-apart.ts';
import type { Version } from '../../../src/core/stored.ts';
import { alertGroupDocument, lease, ruleDocument, silence } from './stored-documents.ts';
import type { StoresUnderTest } from './stores-contract.ts';

type Over = (work: (stores: StoresUnderTest, storage: { settle(): Promise<void> }) => Promise<void>) => () => Promise<void>;

const ALERT = { group: { 'host.name': 'a' }, status: 'firing', since: 1 };
const ENTRY = {
  n: 1,
  alert: 'a',
  episode: 'e',
  kind: 'firing',
  reason: 'breach',
  at: 1,
  started: 1,
  group: {},
  labels: {},
  level: 'x',
};

/** Members of a rule's document that no Tocsin writes, and where the complaint must point. */
const RULES: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
  [{ outbox: [null] }, 'outbox.0'],
  [{ outbox: [{ ...ENTRY, window: { from: 1, to: 2 }, values: {}, condition: '', late: false }] }, 'outbox.0'],
  [{ alerts: { a: null } }, 'alerts.a'],
  [{ alerts: { a: { ...ALERT, group: { 'host.name': 7 } } } }, 'alerts.a.group.host.name'],
  [{ alerts: { a: { ...ALERT, status: 'burning' } } }, 'alerts.a.status'],
  [{ alerts: { a: { ...ALERT, held_by: [{}] } } }, 'alerts.a.held_by.0'],
  [{ alerts: JSON.parse('{"__proto__": 1}') }, 'alerts.__proto__'],
  [{ health: {} }, 'health'],
  [{ health: { failures: 'many' } }, 'health.failures'],
  [{ every: -1 }, 'every'],
  [{ every: 1e308 }, 'every'],
  [{ incarnation: 1e308 }, 'incarnation'],
  [{ n: 0.5 }, 'n'],
  [{ past: { a: { begins: ['yesterday'] } } }, 'past.a.begins.0'],
  [{ second: { through: 1, alerts: {}, fired: { a: [[1]] } } }, 'second.fired.a.0'],
  [{ rule: 'another' }, 'another rule'],
];

const ALERT_GROUPS: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
  [{ queued: [null] }, 'queued.0'],
  [{ failed: [{}] }, 'failed.0'],
  [{ taken: { 'a#1': 'seven' } }, 'taken.a#1'],
  [{ alerts: { a: {} } }, 'alerts.a'],
  [{ inflight: {} }, 'inflight'],
  [{ group_labels: { alertname: null } }, 'group_labels.alertname'],
  [{ dead: 3 }, 'dead'],
  [{ notified_at: 1e308 }, 'notified_at'],
  [{ receipt: { ts: 5 } }, 'receipt.ts'],
];

/** What every adapter does with documents that were edited, damaged or written by a newer Tocsin. */
export function invalidDocumentsContract(over: Over): void {
  it.each(RULES)('a rule document with %j is named, keeps no other from being read, and can be replaced', (members, place) =>
    over(async ({ ruleStates }) => {
      const bad = { ...ruleDocument('bad', {}), ...members } as never;
      await ruleStates.save([
        { id: 'good', document: ruleDocument('good', {}), version: undefined },
        { id: 'bad', document: bad, version: undefined },
      ]);
      const load = (ids: readonly string[]) => ruleStates.load(ids, new Map());
      expectNamed(await readApart(['good', 'bad'], load), place);
      const read = await readApart(['bad'], load);
      const version = read.ok ? read.value.replaceable.get('bad') : undefined;
      expect(version).toBeDefined();
      const [saved] = await ruleStates.save([{ id: 'bad', document: ruleDocument('bad', {}), version }]);
      expect(saved?.kind).toBe('saved');
      expect((await load(['bad'])).ok).toBe(true);
    })(),
  );

  it.each(ALERT_GROUPS)(
    'an alert group with %j is named, keeps no other from being read, and can be replaced',
    (members, place) =>
      over(async ({ alertGroups }) => {
        const bad = { ...alertGroupDocument({}), ...members } as never;
        await alertGroups.save([
          { id: 'good', document: alertGroupDocument({}), version: undefined },
          { id: 'bad', document: bad, version: undefined },
        ]);
        expectNamed(await readApart(['good', 'bad'], alertGroups.load), place);
        const read = await readApart(['bad'], alertGroups.load);
        const version = read.ok ? read.value.replaceable.get('bad') : undefined;
        expect(version?.body, 'for whoever keeps a copy of it').toEqual(bad);
        const [saved] = await alertGroups.save([{ id: 'bad', document: alertGroupDocument({}), version }]);
        expect(saved?.kind).toBe('saved');
        expect((await alertGroups.load(['bad'])).ok).toBe(true);
      })(),
  );

  it(
    'integers beyond 2^53 where none belong are named, and keep no other document from being read',
    over(async ({ ruleStates, alertGroups }) => {
      const wrong = { of: 2n ** 60n };
      const rule = (id: string, members: object) => ({
        id,
        document: { ...ruleDocument(id, {}), ...members } as never,
        version: undefined,
      });
      await ruleStates.save([rule('good', {}), rule('bad', { n: 2n ** 60n }), rule('versioned', { v: 2n ** 60n })]);
      const read = await readApart(['good', 'bad', 'versioned'], (ids) => ruleStates.load(ids, new Map()));
      if (!read.ok) throw new Error(read.message);
      expect([...read.value.found.keys()]).toEqual(['good']);
      expect(read.value.unreadable.get('bad')).toContain(`got ${2n ** 60n}`);
      expect(read.value.unreadable.get('versioned')).toContain(`has version ${2n ** 60n}`);
      const group = { ...alertGroupDocument({}), inflight: wrong } as never;
      await alertGroups.save([{ id: 'bad', document: group, version: undefined }]);
      const groups = await readApart(['bad'], alertGroups.load);
      expect(groups.ok && groups.value.unreadable.get('bad')).toContain('inflight');
      expect(groups.ok && groups.value.replaceable.get('bad')?.body).toMatchObject({ inflight: wrong });
    }),
  );

  it(
    'a document of a newer Tocsin is named, and nothing may replace it',
    over(async ({ ruleStates }) => {
      const newer = { ...ruleDocument('bad', {}), v: 2 } as never;
      await ruleStates.save([{ id: 'bad', document: newer, version: undefined }]);
      const read = await readApart(['bad'], (ids) => ruleStates.load(ids, new Map()));
      expect(read.ok && read.value.unreadable.get('bad')).toContain('newer Tocsin');
      expect(read.ok && read.value.replaceable.size).toBe(0);
    }),
  );

  it(
    'members that this version does not know are kept, not refused',
    over(async ({ ruleStates, alertGroups }) => {
      const rule = { ...ruleDocument('r', {}), added_later: { of: ['any', 'kind'] } } as never;
      const alertGroup = { ...alertGroupDocument({}), added_later: true } as never;
      await ruleStates.save([{ id: 'r', document: rule, version: undefined }]);
      await alertGroups.save([{ id: 'c', document: alertGroup, version: undefined }]);
      const [rules, talks] = [await ruleStates.load(['r'], new Map()), await alertGroups.load(['c'])];
      expect(rules.ok && rules.value.get('r')?.document).toEqual(rule);
      expect(talks.ok && talks.value.get('c')?.document).toEqual(alertGroup);
    }),
  );

  it(
    'an invalid lease is named and counts as ended, at the version that the next holder replaces',
    over(async ({ leases }, storage) => {
      const bad = { ...lease(4, 'replica-b'), token: null } as never;
      await leases.save([
        { id: '3', document: lease(3, 'replica-a'), version: undefined },
        { id: '4', document: bad, version: undefined },
      ]);
      await storage.settle();
      const loaded = await leases.load();
      if (!loaded.ok) throw new Error(loaded.message);
      expect(loaded.value.get('3')?.document).toEqual(lease(3, 'replica-a'));
      expect(loaded.value.get('4')?.document).toMatchObject({ shard: 4, until: 0 });
      expect(loaded.unreadable?.get('4')).toContain('token');
      const version: Version | undefined = loaded.value.get('4')?.version;
      const [saved] = await leases.save([{ id: '4', document: lease(4, 'replica-a'), version }]);
      expect(saved?.kind).toBe('saved');
    }),
  );

  it.each([
    ['without matchers', { matchers: [] }, 'matchers'],
    ['with a matcher that is none', { matchers: [null] }, 'matchers.0'],
    ['with a sign that nobody knows', { matchers: [{ label: 'a', op: '~', value: 'b' }] }, 'matchers.0.op'],
    ['with an expression that cannot be read', { matchers: [{ label: 'a', op: '=~', value: '(' }] }, 'the expression of a'],
    ['that would hold back everything', { matchers: [{ label: 'a', op: '=~', value: '.*' }] }, 'every alert'],
    ['that would hold back what has no such label', { matchers: [{ label: 'a', op: '!=', value: 'b' }] }, 'every alert'],
    ['that ends before it starts', { starts_at: 9_500 }, 'before it starts'],
    ['of a newer Tocsin', { v: 2 }, 'newer Tocsin'],
  ])('a silence %s is named, holds nothing back, and keeps no other from being read', (_name, members, place) =>
    over(async ({ silences }, storage) => {
      await silences.put(silence('good', 0, 9_000));
      await silences.put({ ...silence('bad', 0, 9_000), ...members } as never);
      await storage.settle();
      const listed = await silences.list(5_000);
      expect(listed.ok && listed.value.map(({ id }) => id)).toEqual(['good']);
      expect([...(listed.unreadable ?? [])]).toEqual([['bad', expect.stringContaining(place)]]);
    })(),
  );
}

function expectNamed(read: Awaited<ReturnType<typeof readApart<unknown>>>, place: string): void {
  if (!read.ok) throw new Error(read.message);
  expect([...read.value.found.keys()]).toEqual(['good']);
  expect([...read.value.unreadable]).toEqual([['bad', expect.stringContaining(place)]]);
}
