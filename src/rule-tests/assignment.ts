/** The outcome of matching expectations with things. Indices into the two lists. */
export interface Assignment {
  /** For each expectation the thing that it got; undefined: none was left for it. */
  readonly taken: readonly (number | undefined)[];
  /** Things that no expectation got. */
  readonly left: readonly number[];
}

/**
 * Gives each expectation a thing of its own that fits it, for as many as possible: a loose expectation does not take from a strict one the
 * only thing that would do.
 */
export function assign(expectations: number, things: number, fits: (expectation: number, thing: number) => boolean): Assignment {
  const holder = new Map<number, number>();
  const place = (expectation: number, tried: Set<number>): boolean => {
    for (let thing = 0; thing < things; thing++) {
      if (tried.has(thing) || !fits(expectation, thing)) continue;
      tried.add(thing);
      const other = holder.get(thing);
      if (other === undefined || place(other, tried)) {
        holder.set(thing, expectation);
        return true;
      }
    }
    return false;
  };
  for (let expectation = 0; expectation < expectations; expectation++) place(expectation, new Set());
  const taken: (number | undefined)[] = Array.from({ length: expectations }, () => undefined);
  for (const [thing, expectation] of holder) taken[expectation] = thing;
  return { taken, left: Array.from({ length: things }, (_, thing) => thing).filter((thing) => !holder.has(thing)) };
}
