import type { Replaceable, StoreAnswer } from './stored.ts';

/** Documents as read, and those that are invalid (edited by hand, damaged, of a newer Tocsin), with the reason, by id. */
export interface ReadApart<D> {
  readonly found: ReadonlyMap<string, D>;
  readonly unreadable: ReadonlyMap<string, string>;
  /** Versions of the unreadable ones that a new document may replace. */
  readonly replaceable: ReadonlyMap<string, Replaceable>;
}

/**
 * Loads documents together, so that an invalid one keeps its neighbours from no work: those that the store names are left out, and the
 * others loaded again. A failure without an ID affects the store and all documents.
 */
export async function readApart<D>(
  ids: readonly string[],
  load: (ids: readonly string[]) => Promise<StoreAnswer<ReadonlyMap<string, D>>>,
): Promise<StoreAnswer<ReadApart<D>>> {
  const unreadable = new Map<string, string>();
  const replaceable = new Map<string, Replaceable>();
  for (let rest = ids; rest.length > 0; ) {
    const loaded = await load(rest);
    if (loaded.ok) return { ok: true, value: { found: loaded.value, unreadable, replaceable } };
    const { unreadable: named } = loaded;
    const others = rest.filter((id) => !named?.has(id));
    if (named === undefined || others.length === rest.length) return loaded;
    for (const [id, message] of named) unreadable.set(id, message);
    for (const [id, version] of loaded.replaceable ?? []) replaceable.set(id, version);
    rest = others;
  }
  return { ok: true, value: { found: new Map(), unreadable, replaceable } };
}
