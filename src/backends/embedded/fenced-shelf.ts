import {
  type Removal,
  type Replaceable,
  type Saved,
  type StoreAnswer,
  sameVersion,
  type Versioned,
  type Write,
} from '../../core/stored.ts';
import type { ReadStored } from '../../state/read-stored.ts';

/** Prepares a document that is to be stored: it may be frozen. */
export type Keep = <D>(document: D) => D;

/** Documents of one kind by id. */
interface Shelf<D> {
  readonly all: ReadonlyMap<string, Versioned<D>>;
  /** As stored, each document whole and valid; one that is `have` already at its version is not looked at again. */
  find(ids: readonly string[], have?: ReadonlyMap<string, Versioned<D>>): StoreAnswer<ReadonlyMap<string, Versioned<D>>>;
  save(write: Write<D>): Saved;
  remove(removal: Removal): Saved;
}

/** Makes an empty shelf. A write names the version that it replaces, or creates. Documents are read as strictly as those of a cluster. */
export function fencedShelf<D extends object>(
  keep: Keep,
  kind: string,
  read: (body: unknown, id: string) => ReadStored<D>,
): Shelf<D> {
  const all = new Map<string, Versioned<D>>();
  // Documents do not change, so that each is read once: as it is stored, and as this version knows it.
  const current = new WeakMap<object, D>();
  let seqNo = -1;
  return {
    all,
    find: (ids, have) => {
      const found = new Map<string, Versioned<D>>();
      const unreadable = new Map<string, string>();
      const replaceable = new Map<string, Replaceable>();
      for (const id of ids) {
        const stored = all.get(id);
        if (stored === undefined) continue;
        const held = have?.get(id);
        const isHeld = held !== undefined && sameVersion(held.version, stored.version);
        const known = isHeld ? held.document : current.get(stored.document);
        if (known !== undefined) {
          found.set(id, isHeld ? held : { document: known, version: stored.version });
          continue;
        }
        const answer = read(stored.document, id);
        if (answer.ok) {
          const document = keep(answer.document);
          current.set(stored.document, document);
          found.set(id, { document, version: stored.version });
          continue;
        }
        unreadable.set(id, `document ${id} of the ${kind} ${answer.message}`);
        if (answer.replaceable) replaceable.set(id, { ...stored.version, body: stored.document });
      }
      const [message] = unreadable.values();
      return message === undefined ? { ok: true, value: found } : { ok: false, message, unreadable, replaceable };
    },
    save: ({ id, document, version }) => {
      if (!sameVersion(all.get(id)?.version, version)) return { kind: 'conflict' };
      seqNo += 1;
      const written = { seqNo, primaryTerm: 1 };
      all.set(id, { document: keep(document), version: written });
      return { kind: 'saved', version: written };
    },
    remove: ({ id, version }) => {
      if (!sameVersion(all.get(id)?.version, version)) return { kind: 'conflict' };
      seqNo += 1;
      all.delete(id);
      return { kind: 'saved', version: { seqNo, primaryTerm: 1 } };
    },
  };
}
