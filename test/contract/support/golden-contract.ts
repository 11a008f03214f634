import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Saved, StoreAnswer, Version, Versioned, Write } from '../../../src/core/stored.ts';
import { SIGN_INS_ID } from '../../../src/engine/sign-in-store.ts';
import { type GoldenDocument, goldenDocuments } from './golden-documents.ts';
import type { StoresUnderTest } from './stores-contract.ts';

type Over = (work: (stores: StoresUnderTest, storage: { settle(): Promise<void> }) => Promise<void>) => () => Promise<void>;

/** What every adapter does with a document of each version that was ever written, and with one of a version that is not known yet. */
export function goldenContract(over: Over): void {
  const golden = goldenDocuments();

  it.each(golden)('$file is read as the current version knows it, and written so with the next write', (one) =>
    over(async (stores, storage) => {
      const id = idOf(one);
      const stored = await savedAt(stores, one, one.body);
      await storage.settle();
      const read = await readOf(stores, one, id);
      expect(read?.document).toEqual(one.current);
      expect(read?.version, 'reading writes nothing').toEqual(stored);
      expect(await foundBySearch(stores, one), 'an older one is found as it is stored').toEqual([id]);
      if (read === undefined) throw new Error('it should be there');
      await replaced(stores, one, read);
      await storage.settle();
      expect((await readOf(stores, one, id))?.document).toEqual(one.current);
      expect(await foundBySearch(stores, one), 'the current one is found the same way').toEqual([id]);
    })(),
  );

  it.each(golden.filter(({ kind, version }) => version === kind.version))(
    'one that is newer than $file is named, and nothing is written over it',
    (one) =>
      over(async (stores, storage) => {
        const id = idOf(one);
        const newer = { ...one.body, v: one.version + 1 };
        await savedAt(stores, one, newer);
        await storage.settle();
        const message = `newer Tocsin (version ${one.version + 1}, this one reads up to ${one.version})`;
        expect((await unreadOf(stores, one, id)).get(id)).toContain(message);
        if (storeOf(stores, one) !== undefined) expect(await savedOver(stores, one)).toEqual({ kind: 'conflict' });
        // A new silence has an ID of its own, and a change of one begins with reading it; an acknowledgement takes the place of another.
        if (one.kind.index === 'silences') expect((await stores.silences.get(id)).ok).toBe(false);
        if (one.kind.index === 'acknowledgements')
          expect(await stores.acknowledgements.put([one.current as never])).toEqual({
            ok: false,
            message: expect.stringContaining(message),
          });
        expect((await unreadOf(stores, one, id)).get(id)).toContain(message);
      })(),
  );
}

function idOf({ kind, body }: GoldenDocument): string {
  return String(
    {
      rules: body['rule'],
      silences: body['id'],
      'received-alerts': body['id'],
      acknowledgements: body['alert'],
      leases: '4',
      'sign-ins': SIGN_INS_ID,
    }[kind.index] ?? 'group-1',
  );
}

/** The fenced store of a kind, without its types: a golden document may have none of the present ones. */
interface AnyStore {
  save(writes: readonly Write<unknown>[]): Promise<readonly Saved[]>;
  load(id: string): Promise<StoreAnswer<ReadonlyMap<string, Versioned<unknown>>>>;
}

function storeOf(
  { ruleStates, alertGroups, leases, received, signIns }: StoresUnderTest,
  { kind }: GoldenDocument,
): AnyStore | undefined {
  switch (kind.index) {
    case 'rules':
      return { save: (writes) => ruleStates.save(writes as never), load: (id) => ruleStates.load([id], new Map()) };
    case 'alert-groups':
      return { save: (writes) => alertGroups.save(writes as never), load: (id) => alertGroups.load([id]) };
    case 'received-alerts':
      return { save: (writes) => received.save(writes as never), load: (id) => received.load([id]) };
    case 'leases':
      return { save: (writes) => leases.save(writes as never), load: () => leases.load() };
    case 'sign-ins':
      return {
        save: async ([write]) => [await signIns.save(write?.document as never, write?.version)],
        load: async () => {
          const loaded = await signIns.load();
          return loaded.ok ? { ok: true, value: new Map(loaded.value && [[SIGN_INS_ID, loaded.value]]) } : loaded;
        },
      };
    default:
      return undefined;
  }
}

/** What people write is put and listed. */
async function put({ silences, acknowledgements }: StoresUnderTest, { kind }: GoldenDocument, body: unknown): Promise<void> {
  const answer = kind.index === 'silences' ? await silences.put(body as never) : await acknowledgements.put([body as never]);
  expect(answer).toEqual({ ok: true, value: undefined });
}

async function list({ silences, acknowledgements }: StoresUnderTest, { kind, body }: GoldenDocument) {
  return kind.index === 'silences' ? silences.list(Number(body['starts_at'])) : acknowledgements.list(Number(body['at']) - 1);
}

async function savedAt(stores: StoresUnderTest, one: GoldenDocument, body: JsonObject): Promise<Version | undefined> {
  const store = storeOf(stores, one);
  if (store === undefined) {
    await put(stores, one, body);
    return undefined;
  }
  const [saved] = await store.save([{ id: idOf(one), document: body, version: undefined }]);
  if (saved?.kind !== 'saved') throw new Error(`${one.file} should be saved: ${JSON.stringify(saved)}`);
  return saved.version;
}

interface Read {
  readonly document: unknown;
  readonly version: Version | undefined;
}

async function readOf(stores: StoresUnderTest, one: GoldenDocument, id: string): Promise<Read | undefined> {
  const store = storeOf(stores, one);
  if (store !== undefined) {
    const loaded = await store.load(id);
    if (!loaded.ok) throw new Error(loaded.message);
    return loaded.value.get(id);
  }
  const listed = await list(stores, one);
  expect([...(listed.unreadable ?? [])]).toEqual([]);
  const [document] = listed.ok ? listed.value : [];
  return document && { document, version: undefined };
}

async function replaced(stores: StoresUnderTest, one: GoldenDocument, { document, version }: Read): Promise<void> {
  const store = storeOf(stores, one);
  if (store === undefined) {
    await put(stores, one, document);
    return;
  }
  const [saved] = await store.save([{ id: idOf(one), document, version }]);
  expect(saved?.kind).toBe('saved');
}

async function unreadOf(stores: StoresUnderTest, one: GoldenDocument, id: string): Promise<ReadonlyMap<string, string>> {
  const store = storeOf(stores, one);
  const read = store === undefined ? await list(stores, one) : await store.load(id);
  if (!read.ok) expect([...(read.replaceable ?? [])]).toEqual([]);
  return read.unreadable ?? new Map();
}

/** What a Tocsin does that knows of no such document: it begins one. */
async function savedOver(stores: StoresUnderTest, one: GoldenDocument): Promise<Saved | undefined> {
  const [saved] = (await storeOf(stores, one)?.save([{ id: idOf(one), document: one.current, version: undefined }])) ?? [];
  return saved;
}

/** The ids that the searches give by which work of this kind is found. */
async function foundBySearch(
  { ruleStates, alertGroups, leases, signIns, silences, acknowledgements, received }: StoresUnderTest,
  { kind, indexed }: GoldenDocument,
) {
  switch (kind.index) {
    case 'rules': {
      const progress = await ruleStates.progress(10);
      expect(progress.ok && [...progress.value.values()]).toEqual([indexed['evaluated_through']]);
      const outboxes = await ruleStates.outboxes(10);
      return outboxes.ok ? outboxes.value : outboxes.message;
    }
    case 'alert-groups': {
      const due = await alertGroups.due(Number(indexed['due']), 10);
      return due.ok ? due.value.ids : due.message;
    }
    case 'leases': {
      const all = await leases.load();
      return all.ok ? [...all.value.keys()] : all.message;
    }
    case 'sign-ins': {
      const loaded = await signIns.load();
      return loaded.ok ? (loaded.value === undefined ? [] : [SIGN_INS_ID]) : loaded.message;
    }
    case 'received-alerts': {
      const all = await received.list(Number(indexed['ends_at']) - 1);
      return all.ok ? all.value.map(({ id }) => id) : all.message;
    }
    case 'acknowledgements': {
      const all = await acknowledgements.list(Number(indexed['at']) - 1);
      return all.ok ? all.value.map(({ alert }) => alert) : all.message;
    }
    default: {
      const all = await silences.list(Number(indexed['ends_at']) - 1);
      return all.ok ? all.value.map(({ id }) => id) : all.message;
    }
  }
}
