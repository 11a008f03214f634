import type { StoreAnswer } from './stored.ts';

/** Documents as read, and those that cannot be, with the reason, by id. */
export interface ReadApart<D> {
  readonly found: ReadonlyMap<string, D>;
  readonly unreadable: ReadonlyMap<string, string>;
}

type Load<D> = (ids: readonly string[]) => Promise<StoreAnswer<ReadonlyMap<string, D>>>;

/**
 * Loads documents together, so that one that cannot be read keeps its neighbours from no work. Those that the store names are left out. When it
 * names none and one half can be read all the same, the fault is a document's too: the other half is divided until the document stands alone.
 * When both halves fail, the store is away, and asking for each would only add to its trouble.
 */
export async function readApart<D>(ids: readonly string[], load: Load<D>): Promise<StoreAnswer<ReadApart<D>>> {
  const loaded = await load(ids);
  if (loaded.ok) return { ok: true, value: { found: loaded.value, unreadable: new Map() } };
  if (loaded.unreadable !== undefined && loaded.unreadable.size > 0) return without(loaded.unreadable, ids, load);
  if (ids.length === 1) return loaded;
  const middle = Math.ceil(ids.length / 2);
  const halves = [ids.slice(0, middle), ids.slice(middle)];
  const read = await Promise.all(halves.map(load));
  const good = read.find((half) => half.ok);
  const bad = halves[read.findIndex((half) => !half.ok)];
  if (good === undefined) return loaded;
  // The fault is over already.
  if (bad === undefined)
    return {
      ok: true,
      value: { found: new Map(read.flatMap((half) => (half.ok ? [...half.value] : []))), unreadable: new Map() },
    };
  const rest = await readApart(bad, load);
  const { found, unreadable } = rest.ok
    ? rest.value
    : { found: new Map<string, D>(), unreadable: new Map(bad.map((id) => [id, rest.message])) };
  return { ok: true, value: { found: new Map([...good.value, ...found]), unreadable } };
}

async function without<D>(
  bad: ReadonlyMap<string, string>,
  ids: readonly string[],
  load: Load<D>,
): Promise<StoreAnswer<ReadApart<D>>> {
  const rest = ids.filter((id) => !bad.has(id));
  if (rest.length === 0) return { ok: true, value: { found: new Map(), unreadable: bad } };
  const read = await readApart(rest, load);
  if (!read.ok) return read;
  const { found, unreadable } = read.value;
  return { ok: true, value: { found, unreadable: new Map([...bad, ...unreadable]) } };
}
