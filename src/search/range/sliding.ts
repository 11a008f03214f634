/** A queue of parts whose sum is known at every moment, in a few additions a step, however many parts it holds. */
export interface Sliding<T> {
  /** Takes the next newer part. */
  push(part: T): void;
  /** Drops the oldest part. */
  shift(): void;
  /** The sum of all parts, oldest first; undefined of none. */
  sum(): T | undefined;
}

/** Makes an empty queue; `add` puts a newer part to older ones, and need be associative only. */
export function sliding<T>(add: (older: T, newer: T) => T): Sliding<T> {
  /** Sums of the older parts from each of them on, the oldest last. */
  const older: T[] = [];
  const newer: T[] = [];
  let newerSum: T | undefined;
  return {
    push: (part) => {
      newer.push(part);
      newerSum = newerSum === undefined ? part : add(newerSum, part);
    },
    shift: () => {
      if (older.length === 0) {
        for (let part = newer.pop(); part !== undefined; part = newer.pop()) {
          const next = older.at(-1);
          older.push(next === undefined ? part : add(part, next));
        }
        newerSum = undefined;
      }
      older.pop();
    },
    sum: () => {
      const oldest = older.at(-1);
      return oldest === undefined || newerSum === undefined ? (oldest ?? newerSum) : add(oldest, newerSum);
    },
  };
}
