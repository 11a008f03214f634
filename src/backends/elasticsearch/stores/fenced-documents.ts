import { chunked } from '../../../core/chunked.ts';
import { isObject, type Json, type JsonObject } from '../../../core/json.ts';
import {
  type Removal,
  type Replaceable,
  type Saved,
  type StoreAnswer,
  sameVersion,
  type Version,
  type Versioned,
  type Write,
} from '../../../core/stored.ts';
import type { ReadStored } from '../../../state/read-stored.ts';
import { classifyError, classifyReply } from '../classify.ts';
import { succeeded } from '../wire.ts';
import { type BulkWrite, writeBulk } from './bulk.ts';
import { documentId } from './document-id.ts';
import { isMissingIndex, pathOf, readRequest, type StoreSetting } from './store-requests.ts';

/** What sets one kind of document apart. */
export interface DocumentKind<D> {
  /** Fields beside the body, by which searches find the document. */
  indexed(document: D): JsonObject;
  /** Reads the body stored under an id, whole. */
  read(body: unknown, id: string): ReadStored<D>;
}

/** Documents of one kind in one namespace: read by id, always current; written fenced by the version that they replace. */
export interface FencedDocuments<D> {
  load(ids: readonly string[], have?: ReadonlyMap<string, Versioned<D>>): Promise<StoreAnswer<ReadonlyMap<string, Versioned<D>>>>;
  save(writes: readonly Write<D>[]): Promise<readonly Saved[]>;
  remove(removals: readonly Removal[]): Promise<readonly Saved[]>;
}

/** Bodies may be large, versions are not. */
const BODIES_A_REQUEST = 100;
const VERSIONS_A_REQUEST = 1_000;

/**
 * Makes the store of one kind of document. A document is `{namespace, id, …indexed, body}`, of which only the body is read back.
 */
export function fencedDocuments<D>(setting: StoreSetting, kind: DocumentKind<D>): FencedDocuments<D> {
  return {
    load: async (ids, have = new Map()) => {
      const found = new Map<string, Versioned<D>>();
      const changed: string[] = [];
      const held = ids.filter((id) => have.has(id));
      const versions = await getAll(setting, held, false);
      if (!versions.ok) return versions;
      for (const { id, version } of versions.value) {
        const mine = have.get(id);
        if (mine !== undefined && sameVersion(mine.version, version)) found.set(id, mine);
        else changed.push(id);
      }
      const bodies = await getAll(setting, [...ids.filter((id) => !have.has(id)), ...changed], true);
      if (!bodies.ok) return bodies;
      const unreadable = new Map<string, string>();
      const replaceable = new Map<string, Replaceable>();
      for (const { id, version, body } of bodies.value) {
        const read = kind.read(body, id);
        if (read.ok) {
          found.set(id, { document: read.document, version });
          continue;
        }
        unreadable.set(id, `document ${documentId(setting.namespace, id)} of ${setting.index} ${read.message}`);
        if (read.replaceable) replaceable.set(id, { ...version, body });
      }
      const [message] = unreadable.values();
      return message === undefined ? { ok: true, value: found } : { ok: false, message, unreadable, replaceable };
    },
    save: (writes) =>
      writeBulk(
        setting.wire,
        { path: pathOf(setting.index, '_bulk') },
        writes.map((write) => bulkWrite(setting, kind, write)),
      ),
    remove: (removals) =>
      writeBulk(
        setting.wire,
        { path: pathOf(setting.index, '_bulk') },
        removals.map(({ id, version }) => ({
          action: {
            delete: { _id: documentId(setting.namespace, id), if_seq_no: version.seqNo, if_primary_term: version.primaryTerm },
          },
        })),
      ),
  };
}

function bulkWrite<D>(setting: StoreSetting, kind: DocumentKind<D>, { id, document, version }: Write<D>): BulkWrite {
  const _id = documentId(setting.namespace, id);
  const action =
    version === undefined
      ? { create: { _id } }
      : { index: { _id, if_seq_no: version.seqNo, if_primary_term: version.primaryTerm } };
  return { action, document: { namespace: setting.namespace, id, ...kind.indexed(document), body: document as Json } };
}

interface Got {
  readonly id: string;
  readonly version: Version;
  readonly body: unknown;
}

async function getAll(setting: StoreSetting, ids: readonly string[], withBody: boolean): Promise<StoreAnswer<readonly Got[]>> {
  const all: Got[] = [];
  for (const some of chunked(ids, withBody ? BODIES_A_REQUEST : VERSIONS_A_REQUEST)) {
    const got = await getSome(setting, some, withBody);
    if (!got.ok) return got;
    all.push(...got.value);
  }
  return { ok: true, value: all };
}

async function getSome(setting: StoreSetting, ids: readonly string[], withBody: boolean): Promise<StoreAnswer<readonly Got[]>> {
  const docs = ids.map((id) => ({ _id: documentId(setting.namespace, id), _source: withBody }));
  const reply = await readRequest(setting, '_mget', { docs });
  const answers = succeeded(reply) && isObject(reply.body) ? reply.body['docs'] : undefined;
  if (isMissingIndex(reply)) return recreated(setting);
  // Many documents of a few megabytes are more than one answer may have: each by itself is not.
  if (reply.kind === 'oversized') return ids.length > 1 ? getHalves(setting, ids, withBody) : tooLarge(setting, ids[0] ?? '');
  if (!Array.isArray(answers) || answers.length !== ids.length)
    return { ok: false, message: `${setting.index}: ${classifyReply(reply).message}` };
  if (answers.some((body: unknown) => isMissingIndex({ kind: 'part', body }))) return recreated(setting);

  const found: Got[] = [];
  for (const [i, answer] of answers.entries()) {
    const got = gotOf(ids[i] ?? '', answer);
    if (got === 'unreadable') return { ok: false, message: `${setting.index}: ${classifyError(answer, 500).message}` };
    if (got !== 'absent') found.push(got);
  }
  return { ok: true, value: found };
}

function tooLarge(setting: StoreSetting, id: string): StoreAnswer<never> {
  const message = `document ${documentId(setting.namespace, id)} of ${setting.index} exceeds the size limit of a response`;
  return { ok: false, message, unreadable: new Map([[id, message]]) };
}

async function getHalves(setting: StoreSetting, ids: readonly string[], withBody: boolean): Promise<StoreAnswer<readonly Got[]>> {
  const middle = Math.ceil(ids.length / 2);
  const first = await getSome(setting, ids.slice(0, middle), withBody);
  if (!first.ok) return first;
  const second = await getSome(setting, ids.slice(middle), withBody);
  return second.ok ? { ok: true, value: [...first.value, ...second.value] } : second;
}

function gotOf(id: string, answer: unknown): Got | 'absent' | 'unreadable' {
  if (!isObject(answer)) return 'unreadable';
  const { found, _seq_no: seqNo, _primary_term: primaryTerm, _source: source } = answer;
  if (found === false) return 'absent';
  if (found !== true || typeof seqNo !== 'number' || typeof primaryTerm !== 'number') return 'unreadable';
  return { id, version: { seqNo, primaryTerm }, body: isObject(source) ? source['body'] : undefined };
}

/** Someone deleted the index. It is made with its mapping before a write can make it without one. */
async function recreated(setting: StoreSetting): Promise<StoreAnswer<readonly Got[]>> {
  const made = await setting.ensureIndex();
  return made.ok ? { ok: true, value: [] } : made;
}
