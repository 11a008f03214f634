import { setTimeout as pause } from 'node:timers/promises';

/** Looks until something is there, and gives it; after `limit` ms rejects with what it waited for and what `why` knows. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { limit = 300_000, why = async () => '' }: { readonly limit?: number; readonly why?: () => Promise<string> } = {},
): Promise<T> {
  const deadline = performance.now() + limit;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not there after ${limit / 1000} s\n${await why()}`);
    await pause(250);
  }
}
