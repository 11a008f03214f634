import type { TimeRange } from '../../core/time.ts';
import type { StoredDocument } from './column.ts';

/** Documents in the order of one time field. */
export interface Timeline {
  insert(document: StoredDocument): void;
  /** Those in the half-open range, oldest first. */
  within(range: TimeRange): readonly StoredDocument[];
  time(document: StoredDocument): number | undefined;
  /** Whether a document has several times, and so may lie in several windows. */
  hasSeveral(): boolean;
}

interface Placed {
  readonly time: number;
  readonly document: StoredDocument;
}

/**
 * Makes an empty timeline. `timesOf` reads a document's times, ms, of which the first counts; documents without one are left out, as a range query leaves them out.
 * What arrives in order is appended; the rest is sorted in once, before the next question.
 */
export function createTimeline(timesOf: (document: StoredDocument) => readonly number[]): Timeline {
  const placed: Placed[] = [];
  const times: (number | undefined)[] = [];
  let sorted = true;
  let several = false;
  return {
    insert: (document) => {
      const [time, ...others] = timesOf(document);
      several ||= others.some((other) => other !== time);
      times[document.ordinal] = time;
      if (time === undefined) return;
      const last = placed.at(-1);
      sorted &&= last === undefined || last.time <= time;
      placed.push({ time, document });
    },
    within: (range) => {
      if (!sorted) placed.sort((a, b) => a.time - b.time);
      sorted = true;
      return placed.slice(firstFrom(placed, range.from), firstFrom(placed, range.to)).map(({ document }) => document);
    },
    time: (document) => times[document.ordinal],
    hasSeveral: () => several,
  };
}

function firstFrom(placed: readonly Placed[], time: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = placed[middle];
    if (at !== undefined && at.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
