import type { Duration, TimeRange } from '../core/time.ts';

/** An episode before a change and the one after it that it became; one side alone vanished or appeared. */
export interface EpisodePair<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/**
 * Pairs the episodes of one group: each with at most one of the other side, those first that share the most time; a moment at which both
 * touch is enough. Within each side episodes do not overlap and are in the order of their times.
 */
export function pairEpisodes<T extends TimeRange>(before: readonly T[], after: readonly T[]): readonly EpisodePair<T>[] {
  const partners = new Map<T, T>();
  const taken = new Set<T>();
  for (const { one, other } of meetings(before, after).sort((a, b) => b.shared - a.shared || a.one.from - b.one.from)) {
    if (partners.has(one) || taken.has(other)) continue;
    partners.set(one, other);
    taken.add(other);
  }
  return [
    ...before.map((one) => ({ before: one, after: partners.get(one) })),
    ...after.filter((other) => !taken.has(other)).map((other) => ({ before: undefined, after: other })),
  ].sort((a, b) => beginOf(a) - beginOf(b));
}

interface Meeting<T> {
  readonly one: T;
  readonly other: T;
  readonly shared: Duration;
}

/** All pairs that overlap or touch, in one pass over both sides: no more than there are episodes, and as many again. */
function meetings<T extends TimeRange>(before: readonly T[], after: readonly T[]): Meeting<T>[] {
  const found: Meeting<T>[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [one, other] = [before[i], after[j]];
    if (one === undefined || other === undefined) return found;
    const shared = Math.min(one.to, other.to) - Math.max(one.from, other.from);
    if (shared >= 0) found.push({ one, other, shared });
    if (one.to <= other.to) i++;
    else j++;
  }
}

function beginOf<T extends TimeRange>({ before, after }: EpisodePair<T>): number {
  return Math.min(before?.from ?? Number.POSITIVE_INFINITY, after?.from ?? Number.POSITIVE_INFINITY);
}
