/**
 * Does work over many items together. When it throws it is done again over each half, until the item that throws is alone: then `alone` says
 * what becomes of it, and every other item had its turn. Results in the order of the items. To be used only for work that may be repeated.
 */
export async function isolate<I, R>(
  items: readonly I[],
  work: (items: readonly I[]) => Promise<readonly R[]>,
  alone: (item: I, thrown: unknown) => R,
): Promise<readonly R[]> {
  try {
    return await work(items);
  } catch (thrown) {
    const [only] = items;
    if (only === undefined) return [];
    if (items.length === 1) return [alone(only, thrown)];
    const middle = Math.ceil(items.length / 2);
    const first = await isolate(items.slice(0, middle), work, alone);
    return [...first, ...(await isolate(items.slice(middle), work, alone))];
  }
}
