/** Order of texts by their UTF-16 units: the same in every locale. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A record with its members in the order of their names, so that an unchanged one is written the same. */
export function inNameOrder<V>(entries: readonly (readonly [string, V])[]): { readonly [name: string]: V } {
  return Object.fromEntries(entries.toSorted(([a], [b]) => compareTexts(a, b)));
}
