import type { StoreAnswer } from './stored.ts';

/** Documents as read, and those that are not ours to understand (edited by hand, of a newer Tocsin), with the reason, by id. */
export interface ReadApart<D> {
  readonly found: ReadonlyMap<string, D>;
  readonly unreadable: ReadonlyMap<string, string>;
}

/**
 * Loads documents together, so that one that nobody can read keeps its neighbours from no work: those that the store names are left out, and the
 * others loaded again. A failure that names none is the store's, and everybody's.
 */
export async function readApart<D>(
  ids: readonly string[],
  load: (ids: readonly string[]) => Promise<StoreAnswer<ReadonlyMap<string, D>>>,
): Promise<StoreAnswer<ReadApart<D>>> {
  const unreadable = new Map<string, string>();
  for (let rest = ids; rest.length > 0; ) {
    const loaded = await load(rest);
    if (loaded.ok) return { ok: true, value: { found: loaded.value, unreadable } };
    const { unreadable: named } = loaded;
    const others = rest.filter((id) => !named?.has(id));
    if (named === undefined || others.length === rest.length) return loaded;
    for (const [id, message] of named) unreadable.set(id, message);
    rest = others;
  }
  return { ok: true, value: { found: new Map(), unreadable } };
}
